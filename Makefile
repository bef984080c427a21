# gluster-imaged: disk images on GlusterFS over HTTP
#
#   make                 build/gluster-imaged
#   make run             build it and serve a demo image from this machine, without a cluster
#                        (root; PORT=8080, RUN_DIR=run keeps the data)
#   make check           all tests; the last line is "N passed, N failed"
#   make check-unit      one part of them: check-unit check-http check-gluster
#   make check-sanitize  unit and HTTP tests under ASan+UBSan and under TSan
#   make lint            direction rules, compilers' and linters' opinions, format
#   make format          clang-format on every C file       (format-check: only ask)
#   make fuzz            every fuzzer for FUZZ_SECONDS=60 each
#   make bench           measure; never part of check
#   make install         DESTDIR prefix=/usr/local sbindir mandir sysconfdir unitdir docdir
#   make uninstall       remove what install put there, but not the configuration
#   make dist            gluster-imaged-VERSION.tar.gz from the last commit
#   make deps            apt-get install all that the targets above need (root, Debian)
#   make clean           remove build/
#   make help            this text
#
# Settings: V=1 shows the commands, DEBUG=1 builds without optimisation, WERROR=1 makes warnings
# errors, SANITIZE=address,undefined or SANITIZE=thread instruments. CC=clang works as well as
# gcc. CPPFLAGS, CFLAGS and LDFLAGS are added after ours. JOBS=N tests run at once.

VERSION := 0.1.0

.DEFAULT_GOAL := all
.DELETE_ON_ERROR:
.SUFFIXES:
MAKEFLAGS += --no-builtin-rules --no-print-directory
Q := $(if $(V),,@)
say = $(if $(V),,@printf '  %-7s %s\n' $(1) $(2))

# Where things go. Every kind of build has a folder of its own with the same layout.
kind := $(if $(SANITIZE),$(if $(findstring fuzzer,$(SANITIZE)),/fuzz,$(if \
	$(findstring thread,$(SANITIZE)),/tsan,/asan)))$(if $(DEBUG),/debug)
BUILD := build
B := $(BUILD)$(kind)

prefix := /usr/local
sbindir = $(prefix)/sbin
mandir = $(prefix)/share/man
docdir = $(prefix)/share/doc/gluster-imaged
sysconfdir := /etc
unitdir = $(prefix)/lib/systemd/system
sysusersdir = $(prefix)/lib/sysusers.d

RUN_DIR := run
PORT := 8080
FUZZ_SECONDS := 60
JOBS := $(shell nproc 2>/dev/null || echo 1)

# --- Flags: ours first, the user's last ---------------------------------------------------------

ifeq ($(origin CC),default)
CC := gcc
endif
PKG_CONFIG ?= pkg-config

# Asked once, and only when a recipe needs the answer: nothing of it is needed for help or deps.
once = $(eval $(1) := $(shell $(2)))$($(1))
accepts = $(CC) -Werror $(1) -x c -c /dev/null -o /dev/null 2>/dev/null && echo $(1)
PKGS := libmicrohttpd jansson gnutls libsystemd
PKGS_CFLAGS = $(call once,PKGS_CFLAGS,$(PKG_CONFIG) --cflags $(PKGS) glusterfs-api)
PKGS_LIBS = $(call once,PKGS_LIBS,$(PKG_CONFIG) --libs $(PKGS))
GFAPI_LIBS = $(call once,GFAPI_LIBS,$(PKG_CONFIG) --libs glusterfs-api)
CURL_CFLAGS = $(call once,CURL_CFLAGS,$(PKG_CONFIG) --cflags libcurl)
CURL_LIBS = $(call once,CURL_LIBS,$(PKG_CONFIG) --libs libcurl jansson)
PROBED = $(call once,PROBED,$(call accepts,-fstack-clash-protection); \
	$(call accepts,-fcf-protection))

WARNINGS := -Wall -Wextra -Wshadow -Wvla -Wstrict-prototypes -Wmissing-prototypes -Wformat=2 \
	-Wundef -Wpointer-arith -Wwrite-strings $(if $(WERROR),-Werror)
FORTIFY := $(if $(SANITIZE)$(DEBUG)$(findstring _FORTIFY_SOURCE,$(CPPFLAGS) $(CFLAGS)),,\
	-U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2)
INSTRUMENT := $(if $(SANITIZE),-fsanitize=$(SANITIZE) -fno-sanitize-recover=all \
	-fno-omit-frame-pointer)
ALL_CPPFLAGS = -I. -D_GNU_SOURCE -DGI_VERSION='"$(VERSION)"' $(PKGS_CFLAGS) $(FORTIFY) $(CPPFLAGS)
ALL_CFLAGS = -std=gnu11 -pthread $(if $(DEBUG),-O0 -ggdb3,-O2 -g) $(WARNINGS) -fPIE \
	-fstack-protector-strong $(PROBED) $(INSTRUMENT) $(CFLAGS)
ALL_LDFLAGS = -pie -Wl,-z,relro -Wl,-z,now -Wl,-z,noexecstack -Wl,--as-needed $(LDFLAGS)
COMPILE = $(CC) $(ALL_CPPFLAGS) $(ALL_CFLAGS) -MMD -MP
LINK = $(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS)

# --- What there is -------------------------------------------------------------------------------

objects = $(patsubst %.c,$(B)/%.o,$(wildcard $(1)))
programs = $(patsubst %.c,$(1)/%,$(wildcard $(2)))

OBJECTS := $(call objects,uri/*.c block/*.c httpd/*.c)
MAIN := $(B)/httpd/main.o
ARCHIVE := $(B)/gluster-imaged.a
SERVER := $(B)/gluster-imaged
FAKE_SERVER := $(B)/tests/gluster-imaged-fake
TEST_LIB := $(B)/tests/lib.a
FAKE_LIB := $(call objects,tests/fake/*.c)

# Unit tests that run against the fake gluster, and HTTP tests that need its faults and delays.
FAKE_UNIT := test_fake
FAKE_ONLY := test_faults test_recovery test_stop test_torture

unit_tests = $(call programs,$(1),tests/unit/test_*.c)
http_tests = $(call programs,$(1),tests/http/test_*.c)
local_tests = $(filter-out $(FAKE_ONLY:%=$(1)/tests/http/%),$(http_tests))
replays = $(patsubst tests/fuzz/fuzz_%.c,$(1)/tests/fuzz/replay_%,$(wildcard tests/fuzz/fuzz_*.c))
gluster_tests = $(call programs,$(1),tests/gluster/test_*.c) $(wildcard tests/gluster/test_*.sh)
FUZZERS := $(call programs,$(B),tests/fuzz/fuzz_*.c)
TESTS = $(unit_tests) $(http_tests) $(replays) $(filter-out %.sh,$(gluster_tests))

.PHONY: all tests check check-unit check-http check-gluster check-sanitize run install uninstall \
	clean help lint format format-check fuzz fuzzers bench dist deps FORCE \
	do-check do-check-unit do-check-http do-check-gluster do-check-sanitize do-run do-lint \
	do-fuzz do-bench

all: $(SERVER)

tests: $(SERVER) $(FAKE_SERVER) $(call TESTS,$(B))

# --- Rules ---------------------------------------------------------------------------------------

$(SERVER): $(MAIN) $(ARCHIVE)
	$(call say,LINK,$@)
	$(Q)$(LINK) -o $@ $^ $(PKGS_LIBS) $(GFAPI_LIBS)

# The whole daemon, but every glfs_* call lands in tests/fake/.
$(FAKE_SERVER): $(MAIN) $(ARCHIVE) $(FAKE_LIB)
	$(call say,LINK,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(LINK) -o $@ $(MAIN) $(FAKE_LIB) $(ARCHIVE) $(PKGS_LIBS)

$(ARCHIVE): $(filter-out $(MAIN),$(OBJECTS))
$(TEST_LIB): $(call objects,tests/lib/*.c)
$(ARCHIVE) $(TEST_LIB):
	$(call say,AR,$@)
	$(Q)rm -f $@ && $(AR) rcs $@ $^

$(FAKE_UNIT:%=$(B)/tests/unit/%): $(B)/tests/unit/%: $(B)/tests/unit/%.o $(TEST_LIB) $(FAKE_LIB) \
		$(ARCHIVE)
	$(call say,LINK,$@)
	$(Q)$(LINK) -o $@ $^ $(PKGS_LIBS)

$(B)/tests/unit/%: $(B)/tests/unit/%.o $(TEST_LIB) $(ARCHIVE)
	$(call say,LINK,$@)
	$(Q)$(LINK) -o $@ $^ $(PKGS_LIBS) $(GFAPI_LIBS)

$(B)/tests/gluster/%: $(B)/tests/gluster/%.o $(TEST_LIB) $(ARCHIVE)
	$(call say,LINK,$@)
	$(Q)$(LINK) -o $@ $^ $(PKGS_LIBS) $(GFAPI_LIBS)

$(B)/tests/http/%: $(B)/tests/http/%.o $(TEST_LIB)
	$(call say,LINK,$@)
	$(Q)$(LINK) -o $@ $^ $(CURL_LIBS)

$(B)/tests/fuzz/replay_%: $(B)/tests/fuzz/fuzz_%.o $(B)/tests/fuzz/replay.o $(TEST_LIB) $(ARCHIVE)
	$(call say,LINK,$@)
	$(Q)$(LINK) -o $@ $^ $(PKGS_LIBS) $(GFAPI_LIBS)

$(B)/tests/fuzz/fuzz_%: $(B)/tests/fuzz/fuzz_%.o $(ARCHIVE)
	$(call say,LINK,$@)
	$(Q)$(LINK) -fsanitize=fuzzer -o $@ $^ $(PKGS_LIBS) $(GFAPI_LIBS)

$(B)/%.o: %.c $(B)/flags
	$(call say,CC,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(COMPILE) $(if $(findstring tests/,$<),$(CURL_CFLAGS)) -c -o $@ $<

# The document is inside the object, see httpd/openapi_doc.c.
$(B)/httpd/openapi_doc.o: openapi/gluster-imaged.json

# Changes when the compiler or its flags do; every object depends on it.
$(B)/flags: FORCE
	$(Q)mkdir -p $(@D)
	$(Q)$(PKG_CONFIG) --print-errors --exists $(PKGS) glusterfs-api
	$(Q)echo '$(subst ','\'',$(COMPILE) $(LINK))' | cmp -s - $@ || \
		echo '$(subst ','\'',$(COMPILE) $(LINK))' > $@

.SECONDARY:
-include $(patsubst %.o,%.d,$(OBJECTS) $(call objects,tests/*/*.c))

# --- Tests ---------------------------------------------------------------------------------------

# The suppressions name third parties only, each with its reason.
export ASAN_OPTIONS ?= detect_leaks=1:detect_stack_use_after_return=1:strict_string_checks=1
export UBSAN_OPTIONS ?= print_stacktrace=1:halt_on_error=1
export TSAN_OPTIONS ?= suppressions=$(CURDIR)/tests/sanitize/tsan.supp:second_deadlock_stack=1:exitcode=66

# tests/run.pl runs groups "NAME [VARIABLE=VALUE]... : PROGRAM... --" and adds them up.
fake_env = GI_BACKEND=fake GI_SERVER=$(CURDIR)/$(1)/tests/gluster-imaged-fake
local_env = GI_BACKEND=local GI_SERVER=$(CURDIR)/$(1)/gluster-imaged
unit_groups = unit : $(unit_tests) -- corpus : $(replays) --
http_groups = http-fake $(fake_env) : $(http_tests) -- http-local $(local_env) : $(local_tests) --
gluster_groups = gluster $(local_env) : $(gluster_tests) --
run_tests = tests/run.pl --jobs $(JOBS)

do-check: tests
	@$(run_tests) $(call unit_groups,$(B)) $(call http_groups,$(B)) $(call gluster_groups,$(B))
do-check-unit: $(call unit_tests,$(B)) $(call replays,$(B))
	@$(run_tests) $(call unit_groups,$(B))
do-check-http: $(SERVER) $(FAKE_SERVER) $(call http_tests,$(B))
	@$(run_tests) $(call http_groups,$(B))
do-check-gluster: $(SERVER) $(filter-out %.sh,$(call gluster_tests,$(B)))
	@$(run_tests) $(call gluster_groups,$(B))

asan := $(BUILD)/asan
tsan := $(BUILD)/tsan
do-check-sanitize:
	+@$(MAKE) SANITIZE=address,undefined tests
	+@$(MAKE) SANITIZE=thread tests
	@$(run_tests) $(foreach b,$(asan) $(tsan),$(call unit_groups,$(b)) $(call http_groups,$(b)))

do-fuzz:
	+@$(MAKE) CC=clang SANITIZE=fuzzer-no-link,address,undefined fuzzers
	@for f in $(patsubst tests/fuzz/fuzz_%.c,%,$(wildcard tests/fuzz/fuzz_*.c)); do \
		echo "fuzz $$f for $(FUZZ_SECONDS) s"; \
		mkdir -p $(BUILD)/fuzz/found/$$f; \
		$(BUILD)/fuzz/tests/fuzz/fuzz_$$f -max_total_time=$(FUZZ_SECONDS) -timeout=10 \
			-print_final_stats=1 -artifact_prefix=$(BUILD)/fuzz/found/$$f- \
			$(BUILD)/fuzz/found/$$f tests/fuzz/corpus/$$f || exit 1; \
	done

fuzzers: $(FUZZERS)

do-run: $(SERVER)
	@deploy/run-demo.sh $(SERVER) $(RUN_DIR) $(PORT)

do-bench: $(SERVER)
	@tests/bench/bench.sh $(SERVER)

do-lint: FORCE
	@CC='$(CC)' LINT_FLAGS='$(subst ','\'',$(ALL_CPPFLAGS) $(CURL_CFLAGS) -std=gnu11 $(WARNINGS))' \
		tests/lint.sh

C_FILES := $(wildcard $(addsuffix /*.[ch],uri block httpd $(wildcard tests/*)))
format:
	clang-format -i $(C_FILES)
format-check:
	$(Q)clang-format --dry-run --Werror $(C_FILES)

# --- A fresh machine -----------------------------------------------------------------------------

# glusterfs-server is there for its glusterfsd; no service of it is needed or started.
BUILD_DEPS := gcc make pkg-config libc6-dev libmicrohttpd-dev libglusterfs-dev uuid-dev \
	libacl1-dev libjansson-dev libgnutls28-dev libsystemd-dev glusterfs-server curl
TEST_DEPS := $(BUILD_DEPS) libcurl4-openssl-dev perl python3 jq qemu-utils qemu-block-extra \
	iproute2 util-linux
LINT_DEPS := $(TEST_DEPS) clang clang-tidy clang-format cppcheck mandoc codespell shellcheck
FUZZ_DEPS := $(TEST_DEPS) clang libclang-rt-14-dev
BENCH_DEPS := $(TEST_DEPS) fio wrk
ALL_DEPS := $(sort $(LINT_DEPS) $(FUZZ_DEPS) $(BENCH_DEPS) git)

deps:
	@deploy/install-deps.sh $(ALL_DEPS)

# These check their packages first; the make below then sees what was installed.
check check-unit check-http check-gluster check-sanitize: need = $(TEST_DEPS)
run: need = $(BUILD_DEPS)
lint: need = $(LINT_DEPS)
fuzz: need = $(FUZZ_DEPS)
bench: need = $(BENCH_DEPS)
check check-unit check-http check-gluster check-sanitize run lint fuzz bench:
	@deploy/install-deps.sh $(need)
	+@$(MAKE) do-$@

# --- Installing ----------------------------------------------------------------------------------

install: $(SERVER)
	install -d $(DESTDIR)$(sbindir) $(DESTDIR)$(mandir)/man8 $(DESTDIR)$(docdir) \
		$(DESTDIR)$(unitdir) $(DESTDIR)$(sysusersdir) $(DESTDIR)$(sysconfdir)/gluster-imaged
	install -m 755 $(SERVER) $(DESTDIR)$(sbindir)/gluster-imaged
	install -m 644 deploy/gluster-imaged.8 $(DESTDIR)$(mandir)/man8/
	install -m 644 README.md LICENSE deploy/gluster-imaged.nginx.conf $(DESTDIR)$(docdir)/
	install -m 644 openapi/gluster-imaged.json $(DESTDIR)$(docdir)/openapi.json
	install -m 644 deploy/gluster-imaged.sysusers $(DESTDIR)$(sysusersdir)/gluster-imaged.conf
	sed -e 's|@sbindir@|$(sbindir)|g' -e 's|@sysconfdir@|$(sysconfdir)|g' \
		deploy/gluster-imaged.service > $(DESTDIR)$(unitdir)/gluster-imaged.service
	[ -e $(DESTDIR)$(sysconfdir)/gluster-imaged/gluster-imaged.json ] || \
		install -m 644 deploy/gluster-imaged.json $(DESTDIR)$(sysconfdir)/gluster-imaged/

uninstall:
	rm -f $(DESTDIR)$(sbindir)/gluster-imaged $(DESTDIR)$(mandir)/man8/gluster-imaged.8 \
		$(DESTDIR)$(sysusersdir)/gluster-imaged.conf \
		$(DESTDIR)$(unitdir)/gluster-imaged.service
	rm -rf $(DESTDIR)$(docdir)

dist:
	git archive --prefix=gluster-imaged-$(VERSION)/ -o gluster-imaged-$(VERSION).tar.gz HEAD

clean:
	rm -rf $(BUILD)

help:
	@sed -n '/^#/!q; s/^# \{0,1\}//p' $(firstword $(MAKEFILE_LIST))
