-- How much longer than elsewhere the time limits of a spec are, where a sanitizer makes all slow.
return tonumber(os.getenv("TEST_SLOWNESS") or 1)
