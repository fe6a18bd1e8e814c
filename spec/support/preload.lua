-- Given to busted as a helper where a sanitizer is preloaded (TEST_PRELOAD): it is for the interpreter
-- alone, and other programs that specs start do not take it well.
require("spec_process").setenv("LD_PRELOAD", nil)
