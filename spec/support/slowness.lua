-- The factor for the time limits of specs under a slow sanitizer.
return tonumber(os.getenv("TEST_SLOWNESS") or 1)
