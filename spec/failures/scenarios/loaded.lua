--- The modules are loaded for the first time in a process, and buy; then again, if that failed.
return {
  apart = true,
  go = require("spec.failures.scenarios.blocking").go,
}
