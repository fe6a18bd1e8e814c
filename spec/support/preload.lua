-- A busted helper for preloaded sanitizers (TEST_PRELOAD): removes the preload from the environment, since
-- other programs that specs start do not work with it.
require("spec_process").setenv("LD_PRELOAD", nil)
