# twilio-numbers: build, test, try. `make help` lists the targets.
#
# For packagers:
#   make LUA=5.4 && make check LUA=5.4 && make install LUA=5.4 PREFIX=/usr DESTDIR=...
# Honours CC, CFLAGS, CPPFLAGS, LDFLAGS and PKG_CONFIG, and these, whose defaults are below:
#   BINDIR, MANDIR, BASH_COMPLETION_DIR, ZSH_COMPLETION_DIR, FISH_COMPLETION_DIR
#   INST_LUADIR, INST_LIBDIR   the folders of this Lua's modules in Lua and in C, with LuaRocks' names
#   INTERPRETER                the interpreter that the command names: lua5.4, or a path
#   LUA_INCDIR                 the folder of lua.h, if pkg-config does not find it
# `make install-modules` omits commands, manual page and completions: for every Lua but the first.
# The modules for LuaJIT and Lua 5.1 have the same path: install one of them.

LUA ?= 5.4
KNOWN := 5.1 5.2 5.3 5.4 5.5 luajit
# Every Lua that Debian has had for years, and 5.5, which is new there, if it is available.
HAS_5.5 := $(shell pkg-config --exists lua5.5 2>/dev/null && echo yes)
LUAS := $(if $(HAS_5.5),$(KNOWN),$(filter-out 5.5,$(KNOWN)))

BUILD ?= build
# LuaJIT uses the modules installed for 5.1.
ABI = $(if $(filter luajit,$(LUA)),5.1,$(LUA))
PREFIX ?= /usr/local
BINDIR ?= $(PREFIX)/bin
MANDIR ?= $(PREFIX)/share/man
BASH_COMPLETION_DIR ?= $(PREFIX)/share/bash-completion/completions
ZSH_COMPLETION_DIR ?= $(PREFIX)/share/zsh/site-functions
FISH_COMPLETION_DIR ?= $(PREFIX)/share/fish/vendor_completions.d
INST_LUADIR ?= $(PREFIX)/share/lua/$(ABI)
INST_LIBDIR ?= $(PREFIX)/lib/lua/$(ABI)
INTERPRETER ?= $(if $(filter luajit,$(LUA)),luajit,lua$(LUA))
INSTALL ?= install
PKG_CONFIG ?= pkg-config
CFLAGS ?= -O2 -g
# CI sets WERROR=-Werror; a compiler with more warnings must not break other builds.
WERROR ?=
WARNINGS = -std=c11 -Wall -Wextra -Wpedantic $(WERROR)

# The build checks which of these the compiler and the linker support. (A C library or a compiler without the
# third level of FORTIFY_SOURCE uses the second.)
WANTED_HARDENING := -Wformat=2 -fstack-protector-strong -fstack-clash-protection -fcf-protection \
  -mbranch-protection=standard
WANTED_LINKING := -Wl,-z,relro -Wl,-z,now -Wl,-z,noexecstack -Wl,-z,nodelete
asked = printf '\043include <string.h>\nint none;\n' | $(CC) $(filter-out --coverage,$(CFLAGS)) -Werror $(1) -x c -o /dev/null - 2>/dev/null
compiles = $(shell $(call asked,$(1) -c) && echo '$(1)')
links = $(shell $(call asked,$(1) -fPIC -shared) && echo '$(1)')
# Keeps a distributor's own level of FORTIFY_SOURCE.
fortify = $(if $(findstring _FORTIFY_SOURCE,$(CPPFLAGS) $(CFLAGS)),,-U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3)
# Debug information without the folder of the build: two builds are then equal, byte for byte.
hardening = -fPIC $(foreach flag,$(WANTED_HARDENING) -fdebug-prefix-map=$(CURDIR)=.,$(call compiles,$(flag))) $(fortify)
# Apple's linker refuses undefined symbols, such as Lua's, without these flags.
shared := $(if $(filter Darwin,$(shell uname -s)),-bundle -undefined dynamic_lookup,-shared)
linking = $(shared) -pthread $(foreach flag,$(WANTED_LINKING),$(call links,$(flag)))
# Checked once, and only by targets that build something.
HARDENING = $(eval HARDENING := $(hardening))$(HARDENING)
LINKING = $(eval LINKING := $(linking))$(LINKING)

# The units of the three modules: core does not need libcurl, stores keeps a journal, and curl has all units
# except the bindings of the others.
units = $(sort $(patsubst csrc/%.c,%,$(wildcard $(1:%=csrc/%/*.c))))
CORE := $(call units,pure) http/fork http/send_limit io/clock io/interrupt io/platform io/process lua/auth lua/params lua/json lua/form lua/form_compare lua/record lua/response lua/class lua/loaded lua/core
CURL := $(filter-out lua/core lua/record lua/store_request lua/stores,$(call units,pure http io lua))
STORES := $(call units,journal) http/fork io/clock io/wakeup lua/class lua/loaded lua/store_request lua/stores pure/wipe
# dlopen(): in the C library itself since glibc 2.34.
STORES_LIBS := $(if $(filter Linux,$(shell uname -s)),-ldl)

# Lua's names in pkg-config: Debian's, FreeBSD's, Arch's, and Fedora's and Homebrew's.
package = $(if $(filter luajit,$(1)),luajit,$(shell for name in lua$(1) lua-$(1) lua$(subst .,,$(1)) lua; do \
  $(PKG_CONFIG) --exists "$$name >= $(1)" "$$name < $(1).99" 2>/dev/null && echo $$name && break; done))
HEADERS_5.1 := liblua5.1-0-dev
HEADERS_5.2 := liblua5.2-dev
HEADERS_5.3 := liblua5.3-dev
HEADERS_5.4 := liblua5.4-dev
HEADERS_5.5 := liblua5.5-dev
HEADERS_luajit := libluajit-5.1-dev (Debian 12: libluajit2-5.1-dev)
# Checked once for each Lua that is built.
lua_cflags = $(if $(LUA_INCDIR),-I$(LUA_INCDIR),$(shell $(PKG_CONFIG) --cflags $(call package,$(1)) 2>/dev/null))
LUA_CFLAGS = $(if $(filter undefined,$(origin LUA_CFLAGS_$(1))),$(eval LUA_CFLAGS_$(1) := $(lua_cflags)))$(LUA_CFLAGS_$(1))
CURL_CFLAGS := $(shell $(PKG_CONFIG) --cflags libcurl 2>/dev/null)
CURL_LIBS := $(or $(shell $(PKG_CONFIG) --libs libcurl 2>/dev/null),-lcurl)

# Reports what is missing before the compiler does: $(call check,LUA), before LUA is built.
finds = $(shell printf '\043include <$(1)>\n' | $(CC) $(CPPFLAGS) $(CFLAGS) $(2) -E -x c - >/dev/null 2>&1 && echo yes)
pkg_config = $(if $(shell command -v $(PKG_CONFIG)),, pkg-config)
check = $(if $(shell command -v $(firstword $(CC))),,$(error there is no compiler "$(CC)": apt-get install gcc))\
$(if $(call finds,lua.h,$(call LUA_CFLAGS,$(1))),,$(error there is no lua.h for Lua $(1): apt-get install$(pkg_config) $(HEADERS_$(1)), or make LUA=$(1) LUA_INCDIR=/its/folder))\
$(if $(call finds,curl/curl.h,$(CURL_CFLAGS)),,$(error there is no curl/curl.h: apt-get install$(pkg_config) libcurl4-openssl-dev))

ifeq ($(filter $(LUA),$(KNOWN)),)
  $(error LUA=$(LUA) is none of $(KNOWN))
endif

.PHONY: all all-luas for-specs install install-modules install-commands uninstall bundle rockspec rock release check test failures lint sanitize fuzz coverage bench soak fault-matrix proof kills model demo live-test man clean help
.DEFAULT_GOAL := all

all: $(LUA)                ## build for one Lua (LUA=5.4): build/5.4/twilio/numbers/*.so
all-luas: $(LUAS)          ## build for every Lua

MODULES_IN_C := core curl stores

# Libraries that specs load into their processes. The shims only need the C library.
SHIMS := clock killing network_disk power slow_sync slow_tls
PRELOADS := older forgetful failing starving calls disk $(SHIMS)

# One set of rules for each Lua: objects, then the three modules.
define RULES
.PHONY: $(1)
$(1): $(MODULES_IN_C:%=$(BUILD)/$(1)/twilio/numbers/%.so)

.PHONY: check-$(1)
check-$(1):
	@$$(call check,$(1)):

$(BUILD)/$(1)/objects/%.o: csrc/%.c $(wildcard csrc/*/*.h) Makefile | check-$(1)
	@mkdir -p $$(@D)
	@echo "compile $$< ($(1))"
	@$$(CC) $$(WARNINGS) $$(HARDENING) -Icsrc $$(CPPFLAGS) $$(CFLAGS) $$(CURL_CFLAGS) $$(call LUA_CFLAGS,$(1)) -c $$< -o $$@

$(BUILD)/$(1)/twilio/numbers/core.so: $(CORE:%=$(BUILD)/$(1)/objects/%.o)
	@mkdir -p $$(@D)
	@echo "link    $$@"
	@$$(CC) $$(CFLAGS) $$^ $$(LINKING) $$(LDFLAGS) -o $$@

$(BUILD)/$(1)/twilio/numbers/curl.so: $(CURL:%=$(BUILD)/$(1)/objects/%.o)
	@mkdir -p $$(@D)
	@echo "link    $$@"
	@$$(CC) $$(CFLAGS) $$^ $$(LINKING) $$(LDFLAGS) $$(CURL_LIBS) -o $$@

$(BUILD)/$(1)/twilio/numbers/stores.so: $(STORES:%=$(BUILD)/$(1)/objects/%.o)
	@mkdir -p $$(@D)
	@echo "link    $$@"
	@$$(CC) $$(CFLAGS) $$^ $$(LINKING) $$(LDFLAGS) $$(STORES_LIBS) -o $$@

# Modules that specs need and no package provides. The first has an exit handler that closes the Lua state, and
# must not be unloaded by that.
$(BUILD)/$(1)/spec_process.so: spec/support/process.c $(PRELOADS:%=$(BUILD)/$(1)/spec_%.so)
	@mkdir -p $$(@D)
	@$$(CC) $$(WARNINGS) $$(HARDENING) $$(CFLAGS) $$(call LUA_CFLAGS,$(1)) $$< -shared -pthread -Wl,-z,nodelete -o $$@

$(SHIMS:%=$(BUILD)/$(1)/spec_%.so): $(BUILD)/$(1)/spec_%.so: spec/support/%.c
	@mkdir -p $$(@D)
	@$$(CC) $$(WARNINGS) $$(HARDENING) $$(CFLAGS) $$< -shared -pthread -ldl -o $$@

$(BUILD)/$(1)/spec_calls.so: spec/support/calls.c
	@mkdir -p $$(@D)
	@$$(CC) $$(WARNINGS) $$(HARDENING) $$(CFLAGS) $$(call LUA_CFLAGS,$(1)) $$< -shared -o $$@

$(BUILD)/$(1)/spec_starving.so: spec/support/starving.c
	@mkdir -p $$(@D)
	@$$(CC) $$(WARNINGS) $$(HARDENING) $$(CFLAGS) $$(call LUA_CFLAGS,$(1)) $$< -shared -Wl,-z,nodelete -o $$@

$(BUILD)/$(1)/spec_older.so: spec/support/older.c
	@mkdir -p $$(@D)
	@$$(CC) $$(WARNINGS) $$(HARDENING) $$(CFLAGS) $$(CURL_CFLAGS) $$< -shared -ldl -o $$@

$(BUILD)/$(1)/spec_forgetful.so: spec/support/forgetful.c
	@mkdir -p $$(@D)
	@$$(CC) $$(WARNINGS) $$(HARDENING) $$(CFLAGS) $$< -shared -o $$@

$(BUILD)/$(1)/spec_disk.so: spec/support/disk.c
	@mkdir -p $$(@D)
	@$$(CC) $$(WARNINGS) $$(HARDENING) $$(CFLAGS) $$< -shared -ldl -o $$@

# Is never unloaded: a library may call the functions in place of libc's until the process ends.
$(BUILD)/$(1)/spec_failing.so: spec/support/failing.c
	@mkdir -p $$(@D)
	@$$(CC) $$(WARNINGS) $$(HARDENING) $$(CFLAGS) $$(CURL_CFLAGS) $$(call LUA_CFLAGS,$(1)) $$< -shared -ldl -Wl,-z,nodelete -o $$@
endef
$(foreach lua,$(KNOWN),$(eval $(call RULES,$(lua))))

# Runs the specs, and ends all processes that they started.
$(BUILD)/supervise: tools/supervise.c
	@mkdir -p $(@D)
	@$(CC) $(WARNINGS) $(CFLAGS) $< -o $@

MODULES := $(sort $(patsubst lua/%,%,$(wildcard lua/twilio/*/*.lua lua/twilio/*/*/*.lua)))
FOLDERS = $(sort $(dir $(MODULES)))
# Copies to $(1), using only options that every `install` has.
copy_modules = set -e; for folder in $(2); do \
	  $(INSTALL) -d "$(1)/$$folder"; \
	  $(INSTALL) -m 644 lua/$$folder*.lua "$(1)/$$folder"; \
	done

install: install-modules install-commands ## install for one Lua (LUA, PREFIX, DESTDIR, and the variables at the top)

install-modules: $(LUA)
	@$(call copy_modules,$(DESTDIR)$(INST_LUADIR),$(FOLDERS))
	$(INSTALL) -d "$(DESTDIR)$(INST_LIBDIR)/twilio/numbers"
	$(INSTALL) -m 755 $(MODULES_IN_C:%=$(BUILD)/$(LUA)/twilio/numbers/%.so) "$(DESTDIR)$(INST_LIBDIR)/twilio/numbers"

# The command itself writes the completions, if it runs: not without argparse, nor in a cross build.
here = env LUA_PATH='lua/?.lua;lua/?/init.lua;;' LUA_CPATH='$(BUILD)/$(LUA)/?.so;;' $(INTERPRETER)
complete = echo "install $(2)"; $(INSTALL) -d "$(DESTDIR)$(2)" && \
	  $(here) $(BUILD)/$(LUA)/twilio-numbers completion $(1) >"$(DESTDIR)$(2)/$(3)"
install-commands: $(LUA)
	@# Replaces the lines for sh, which look for a checkout's build, by this Lua's interpreter.
	@{ echo '#!$(if $(filter /%,$(INTERPRETER)),,/usr/bin/env )$(INTERPRETER)'; sed '1,/^]]$$/d' bin/twilio-numbers; } \
	  >$(BUILD)/$(LUA)/twilio-numbers
	$(INSTALL) -d "$(DESTDIR)$(BINDIR)"
	$(INSTALL) -m 755 $(BUILD)/$(LUA)/twilio-numbers bin/twilio-simulator "$(DESTDIR)$(BINDIR)"
	@if [ -f man/twilio-numbers.1 ]; then \
	  echo "install $(MANDIR)/man1"; \
	  $(INSTALL) -d "$(DESTDIR)$(MANDIR)/man1" && $(INSTALL) -m 644 man/*.1 "$(DESTDIR)$(MANDIR)/man1"; \
	fi
	@if $(here) $(BUILD)/$(LUA)/twilio-numbers --version >/dev/null 2>&1; then \
	  set -e; \
	  $(call complete,bash,$(BASH_COMPLETION_DIR),twilio-numbers); \
	  $(call complete,zsh,$(ZSH_COMPLETION_DIR),_twilio-numbers); \
	  $(call complete,fish,$(FISH_COMPLETION_DIR),twilio-numbers.fish); \
	else \
	  echo "left out: the shells' completions, which the command writes if it runs here ($(INTERPRETER), argparse)"; \
	fi

uninstall:                 ## remove what `make install` has installed, with the same variables
	rm -rf "$(DESTDIR)$(INST_LUADIR)/twilio/numbers" "$(DESTDIR)$(INST_LUADIR)/twilio/simulator" \
	  "$(DESTDIR)$(INST_LIBDIR)/twilio/numbers"
	rmdir "$(DESTDIR)$(INST_LUADIR)/twilio" "$(DESTDIR)$(INST_LIBDIR)/twilio" 2>/dev/null || true
	rm -f "$(DESTDIR)$(BINDIR)/twilio-numbers" "$(DESTDIR)$(BINDIR)/twilio-simulator" \
	  $(patsubst man/%,"$(DESTDIR)$(MANDIR)/man1/%",$(wildcard man/*.1)) \
	  "$(DESTDIR)$(BASH_COMPLETION_DIR)/twilio-numbers" "$(DESTDIR)$(ZSH_COMPLETION_DIR)/_twilio-numbers" \
	  "$(DESTDIR)$(FISH_COMPLETION_DIR)/twilio-numbers.fish"

# For hosts without LuaRocks, such as game servers: one folder for LUA_PATH and LUA_CPATH.
BUNDLE = $(BUILD)/bundle/$(LUA)
bundle: $(LUA)             ## make a folder with the library for one Lua, to copy: build/bundle/5.4
	@rm -rf $(BUNDLE)
	@$(call copy_modules,$(BUNDLE),$(filter-out %/command/,$(FOLDERS)))
	@$(INSTALL) -m 755 $(BUILD)/$(LUA)/twilio/numbers/*.so $(BUNDLE)/twilio/numbers
	@$(INSTALL) -m 644 LICENSE $(BUNDLE)/twilio
	@echo "$(BUNDLE)"

ROCKSPEC := twilio-numbers-scm-1.rockspec
rockspec:                  ## write the lists of files in the rockspec
	@CORE='$(CORE:%=csrc/%.c)' CURL='$(CURL:%=csrc/%.c)' STORES='$(STORES:%=csrc/%.c)' MODULES='$(MODULES)' tools/rockspec $(ROCKSPEC)

# LuaRocks writes objects and modules to the folder that it builds in, so it builds a copy.
LUAROCKS ?= luarocks
rock:                      ## install the rock for one Lua from this checkout (ROCK='--local --deps-mode=none CURL_DIR=...')
	@set -e; copy=$$(mktemp -d); trap 'rm -rf "$$copy"' EXIT; \
	cp -R bin csrc lua examples $(ROCKSPEC) "$$copy"; cd "$$copy"; \
	$(LUAROCKS) --lua-version=$(ABI) make $(ROCK) $(ROCKSPEC) $(LUA_INCDIR:%=LUA_INCDIR=%)

release:                   ## build what a release publishes, twice, and try it; uploads nothing (DRY=1: before the day)
	@tools/release $(if $(DRY),dry,all)

# The Luas on this machine; tools/test lists the others.
HERE = $(foreach lua,$(LUAS),$(if $(call finds,lua.h,$(call LUA_CFLAGS,$(lua))),$(lua)))
for-specs:
	@$(MAKE) -s $(HERE) $(HERE:%=$(BUILD)/%/spec_process.so)

test:                      ## install what the tests need, build for every Lua, run all specs (SPEC=, LUAS=)
	@tools/install test
	@$(MAKE) -s for-specs
	@tools/test $(SPEC)

# Only needs a compiler, libcurl's headers and one Lua with busted.
check:                     ## the quick specs under one Lua, in a minute or two; installs nothing (LUA=5.4)
	@$(MAKE) -s $(LUA) $(BUILD)/$(LUA)/spec_process.so
	@LUA=$(LUA) BUILD=$(BUILD) tools/check

.PHONY: matrix
matrix:                    ## build and test in Debian 12, 13 and sid, as root (MATRIX=short)
	@tools/matrix

failures:                  ## fail every call and every allocation, under every Lua
	@tools/install test
	@$(MAKE) -s all-luas $(LUAS:%=$(BUILD)/%/spec_process.so)
	@FAILURES=all TEST_SECONDS=14400 tools/test spec/failures

lint:                      ## run luacheck, StyLua, clang-format, clang-tidy, gcc's analyzer, cppcheck, shellcheck, rockspec
	@tools/install lint
	@tools/lint

sanitize:                  ## run run specs under the sanitizers for memory and threads, and under valgrind
	@tools/install test
	@tools/sanitize $(SPEC)

bench:                     ## measure what purchases cost (QUICK=1: a minute, to try it)
	@tools/install bench
	@$(MAKE) -s all-luas
	@bench/run $(PARTS)

# CALLS, SEED, WIRE, WAY, LUA: see bench/proof.lua.
proof:                     ## buy under random faults, and compare the books (CALLS, SEED, ...)
	@tools/install test
	@$(MAKE) -s $(LUA)
	@LUA=$(LUA) CALLS='$(CALLS)' SEED='$(SEED)' WIRE='$(WIRE)' WAY='$(WAY)' bench/lua bench/proof.lua

kills:                     ## kill processes that buy, find their purchases and late requests (KILLS, SEED, LUA, JOURNAL)
	@tools/install test
	@$(MAKE) -s $(LUA) $(LUA:%=$(BUILD)/%/spec_process.so)
	@LUA='$(LUA)' KILLS='$(KILLS)' SEED='$(SEED)' JOURNAL='$(JOURNAL)' PARTS='$(PARTS)' bench/kills
	@$(if $(JOURNAL),,LUA=$(LUA) bench/orphans)

model:                     ## explore the model of the journal, three minutes (DEEP=1: half an hour, 2 GB)
	@python3 -B spec/journal/model.py $(if $(DEEP),--deep)
	@python3 -B spec/journal/model.py --violations | cmp - spec/journal/mutations.jsonl

fault-matrix:              ## write docs/evidence/fault-matrix.md from spec/safety/matrix.lua
	@tools/fault-matrix

SECONDS := 600
fuzz:                      ## search for inputs that break a rule (SECONDS=600 for each of TARGETS, default: all)
	@tools/install fuzz
	@tools/fuzz long $(SECONDS) $(TARGETS)

coverage:                  ## count the lines and branches that the specs run, by file (docs/evidence/coverage.md)
	@tools/install coverage
	@$(MAKE) -s all-luas
	@tools/coverage/run

soak:                      ## make 400,000 purchases under each Lua and check for leaks (COUNT=200000)
	@tools/install test
	@$(MAKE) -s all-luas $(LUAS:%=$(BUILD)/%/spec_process.so)
	@bench/soak $(or $(COUNT),200000)

demo:                      ## buy from the simulator, lose answers, kill a program: half a minute, no account
	@tools/install demo
	@echo "Building for Lua 5.4."
	@$(MAKE) -s -j4 5.4 >/dev/null
	@LUA_PATH='lua/?.lua;lua/?/init.lua;;' LUA_CPATH='$(BUILD)/5.4/?.so;;' lua5.4 examples/demo.lua

.PHONY: picture
picture:                   ## draw docs/images/session.svg from a session with the simulator
	@tools/install demo
	@$(MAKE) -s 5.4
	@LUA_PATH='lua/?.lua;lua/?/init.lua;;' LUA_CPATH='$(BUILD)/5.4/?.so;;' tools/picture

live-test:                 ## buy with Twilio's own test credentials (no charge)
	@tools/install demo
	@$(MAKE) -s 5.4
	@LUA_PATH='lua/?.lua;lua/?/init.lua;;' LUA_CPATH='$(BUILD)/5.4/?.so;;' lua5.4 tools/live-test.lua

man:                       ## write man/twilio-numbers.1 from the parser of the command
	@$(MAKE) -s 5.4
	@mkdir -p man
	@LUA_PATH='lua/?.lua;lua/?/init.lua;;' LUA_CPATH='$(BUILD)/5.4/?.so;;' \
	  lua5.4 -e 'io.write(dofile("tools/man_page.lua")())' >$(BUILD)/twilio-numbers.1
	@cp $(BUILD)/twilio-numbers.1 man/twilio-numbers.1

clean:                     ## remove build products, also those of `luarocks make`
	rm -rf $(BUILD) twilio csrc/*/*.o

help:                      ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "%-14s%s\n", $$1, $$2 }' $(MAKEFILE_LIST)
