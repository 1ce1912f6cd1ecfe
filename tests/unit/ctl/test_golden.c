/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What operators read, letter for letter: tests/golden/ctl/NAME.txt is the command, its exit
 * status, stdout, and stderr after "2> ". CAROUSEL_GOLDEN=update writes the files anew, to be read.
 */
#include "support.h"

#include <stdio.h>
#include <stdlib.h>

#include "cli_fixture.h"

struct golden {
	const char *name;
	const char *arguments;
	bool tapes;      /* the library has tapes, too */
	bool cartridges; /* run where copies of the tapes and cartridges of tests/golden are */
	bool jobs;       /* and jobs */
	bool twins;      /* and discs with the same bytes */
	bool afar;       /* over TCP, so that nothing of the machine under the test is seen */
};

static const struct golden goldens[] = {
	{"help", "--help"},
	{"help-load", "load --help"},
	{"help-media-add", "media add --help"},
	{"help-tape-fsck", "tape fsck --help"},
	{"tape-missing", "tape verify /no/such.tape"},
	{"tape-foreign", "tape verify /etc/passwd"},
	{"version", "--version"},
	{"no-command", ""},
	{"unknown-command", "mount"},
	{"unknown-verb", "media burn"},
	{"missing-verb", "drive"},
	{"missing-argument", "load"},
	{"too-many-arguments", "eject dvd0 dvd1"},
	{"unknown-option", "status --frob"},
	{"unknown-short-options", "media ls -plain -o name"},
	{"short-option-without-value", "media ls -o"},
	{"option-of-another-command", "eject dvd0 --replace"},
	{"bad-output", "status -o yaml"},
	{"bad-timeout", "status --timeout soon"},
	{"status", "status"},
	{"status-json", "status -o json"},
	{"health", "health"},
	{"load", "load netinst dvd1"},
	{"load-any", "load netinst any"},
	{"load-without-drive", "load netinst"},
	{"load-same", "load debian-12 dvd0"},
	{"load-full", "load netinst dvd0"},
	{"load-replace", "load netinst dvd0 --replace"},
	{"load-locked", "load netinst dvd2 --replace"},
	{"load-force", "load netinst dvd2 --replace --force"},
	{"load-unknown-medium", "load nothing dvd1"},
	{"load-unknown-drive", "load netinst dvd9"},
	{"load-missing-file", "load /nowhere/at/all.iso dvd1"},
	{"load-json", "load netinst dvd1 -o json"},
	{"eject", "eject dvd0"},
	{"eject-unclear", "eject"},
	{"eject-locked", "eject dvd2"},
	{"eject-force", "eject dvd2 --force"},
	{"eject-empty-name", "eject ''"},
	{"trace", "trace dvd0"},
	{"trace-host", "trace dvd0 --host loopback -n 3"},
	{"trace-nothing", "trace dvd1"},
	{"trace-too-many", "trace dvd0 -n 9999"},
	{"trace-json", "trace dvd0 -n 1 -o json"},
	{"media-ls", "media ls"},
	{"media-ls-match", "media ls netinst"},
	{"media-ls-nothing", "media ls zzz"},
	{"media-ls-duplicates", "media ls --duplicates", .twins = true},
	{"media-ls-duplicates-wide", "media ls --duplicates -o wide", .twins = true},
	{"media-ls-duplicates-names", "media ls --duplicates -o name", .twins = true},
	{"media-ls-no-duplicates", "media ls --duplicates"},
	{"media-show", "media show win11"},
	{"media-show-odd", "media show odd"},
	{"media-show-unknown", "media show ../drives/dvd0"},
	{"media-set", "media set netinst --profile dvd-rom"},
	{"media-set-auto", "media set netinst --profile AUTO"},
	{"media-set-several", "media set netinst debian-12 odd nothing --profile bd-rom -o json"},
	{"media-set-refused", "media set win11 netinst --profile dvd"},
	{"media-set-nothing", "media set netinst"},
	{"help-media-set", "media set --help"},
	{"media-rm", "media rm netinst"},
	{"media-rm-in-use", "media rm win11 netinst"},
	{"drive-ls", "drive ls"},
	{"drive-show", "drive show dvd0"},
	{"drive-show-failed", "drive show dvd3"},
	{"drive-add", "drive add bd0 --personality bd-rom"},
	{"drive-add-again", "drive add dvd0"},
	{"drive-show-reserved", "drive show dvd2"},
	{"drive-release", "drive release dvd2"},
	{"drive-release-unknown", "drive release dvd9"},
	{"drive-rm", "drive rm dvd1"},
	{"drive-rm-full", "drive rm dvd0"},
	{"drive-rm-force", "drive rm dvd0 --force"},
	{"export-ls", "export ls"},
	{"export-list", "export list"},
	{"export-show", "export show backup"},
	{"export-show-plain", "export show lab"},
	{"export-show-json", "export show lab -o json"},
	{"export-show-unknown", "export show nope"},
	{"export-add", "export add cdrom dvd1 7:dvd2 dvd0 --network 10.0.0.0/8 --network fd00::/8"},
	{"export-add-all", "export add cdrom --lun 3=dvd1 --initiator 'iqn.2026-01.x:*' --open "
			   "--target iqn.2026-01.org.example:cdrom -o json"},
	{"export-add-kernel", "export add cdrom dvd1 --transport kernel --initiator "
			      "iqn.2026-01.x:y -o json"},
	{"export-set-kernel", "export set lab --transport kernel --initiator iqn.2026-01.x:y"},
	{"export-add-again", "export add backup dvd0"},
	{"export-add-unknown-drive", "export add cdrom dvd9"},
	{"export-add-unprotected", "export add public dvd0"},
	{"export-add-twice", "export add cdrom 0:dvd0 --lun 0:dvd1"},
	{"export-add-bad-lun", "export add cdrom 16384:dvd0"},
	{"export-add-secret", "export add cdrom dvd0 --chap-user bob --chap-secret=hunter2"},
	{"export-add-secret-alone", "export add cdrom dvd0 --chap-secret-file /dev/null"},
	{"export-set", "export set backup --add-lun 9:dvd2 --remove-lun dvd1 --remove-network "
		       "fd00::/8 -o json"},
	{"export-set-closes", "export set backup --open"},
	{"export-set-quiet", "export set lab --network 10.0.0.0/8"},
	{"export-set-same", "export set backup --add-network 10.0.0.0/8"},
	{"export-set-lists", "export set backup --lun dvd3 --any-initiator --network 192.0.2.7 "
			     "--no-chap -o json"},
	{"export-set-nothing", "export set backup"},
	{"export-set-no-such-lun", "export set backup --remove-lun 7"},
	{"export-set-no-such-network", "export set backup --remove-network 10.1.0.0/16"},
	{"export-set-new-user", "export set backup --chap-user alice"},
	{"export-rm", "export remove backup"},
	{"export-rm-quiet", "export rm lab"},
	{"export-rm-unknown", "export rm nope"},
	{"help-export-add", "export add --help"},
	{"help-export-set", "export set --help"},
	{"session-ls", "session ls"},
	{"session-ls-export", "session ls backup"},
	{"session-ls-nobody", "session ls lab"},
	{"session-ls-json", "session list -o json"},
	{"help-tape-create", "tape create --help"},
	{"help-history", "history --help"},
	{"help-media-import", "media import --help"},
	{"help-media-verify", "media verify --help"},
	{"media-tag", "media tag netinst golden rescue"},
	{"media-tag-bad", "media tag netinst 'two words'"},
	{"media-note", "media note netinst 'for the lab' -o json"},
	{"media-rename-missing", "media rename nothing else"},
	{"media-verify-what", "media verify"},
	{"media-verify-empty", "media verify ''"},
	{"media-verify-no-wait", "media verify netinst --no-wait"},
	{"media-import-missing", "media import /no/such.iso"},
	{"media-scan-no-wait", "media scan --no-wait"},
	{"media-ls-words", "media ls debian netinst"},
	{"tag-ls", "tag ls"},
	{"job-ls-nothing", "job ls"},
	{"job-ls", "job ls", .jobs = true},
	{"job-ls-wide", "job ls -o wide", .jobs = true},
	{"job-show-scan", "job show 1", .jobs = true},
	{"job-show-running", "job show 2", .jobs = true},
	{"job-show-import", "job show 3", .jobs = true},
	{"job-show-failed", "job show 4", .jobs = true},
	{"job-show-json", "job show 4 -o json", .jobs = true},
	{"job-wait-scan", "job wait 1", .jobs = true},
	{"job-wait-import", "job wait 3", .jobs = true},
	{"job-unknown", "job show 7"},
	{"job-not-a-number", "job wait latest"},
	{"audit", "audit --limit 3", true},
	{"audit-actor", "audit --actor nobody"},
	{"tapes-status", "status", true},
	{"tapes-export-show", "export show vault", true},
	{"tapes-drive-show", "drive show lto0", true},
	{"tapes-drive-show-json", "drive show lto2 -o json", true},
	{"tapes-drive-show-protected", "drive show lto1", true},
	{"tapes-drive-show-damaged", "drive show lto2", true},
	{"tapes-drive-show-unloaded", "drive show lto3", true},
	{"tapes-drive-show-blank", "drive show lto5", true},
	{"tapes-drive-show-empty", "drive show lto4", true},
	{"tapes-drive-ls", "drive ls", true},
	{"tapes-drive-add", "drive add lto9 --personality lto-8", true},
	{"tapes-load", "load ARC003L8 lto4", true},
	{"tapes-load-any", "load ARC003L8 any", true},
	{"tapes-load-elsewhere", "load ARC001L8 lto4", true},
	{"tapes-load-wrong-kind", "load ARC003L8 dvd1", true},
	{"tapes-eject", "eject lto2", true},
	{"tapes-eject-locked", "eject lto0", true},
	{"tapes-media-ls", "media ls", true},
	{"tapes-media-show", "media show ARC002L8", true},
	{"tape-ls", "tape ls", true},
	{"tape-ls-none", "tape ls"},
	{"tape-ls-json", "tape list -o json", true},
	{"tape-create", "tape create --type LTO-8 --prefix ARC --count 20", true},
	{"tape-create-one", "tape create --prefix NEW --capacity 100GB"},
	{"tape-create-json", "tape create --prefix NEW --count 2 -o json"},
	{"tape-create-no-prefix", "tape create --count 20"},
	{"tape-create-bad-prefix", "tape create --prefix arc"},
	{"tape-create-bad-count", "tape create --prefix ARC --count 1001"},
	{"tape-create-bad-capacity", "tape create --prefix ARC --capacity 100X"},
	{"tape-create-bad-type", "tape create --prefix ARC --type DDS-4"},
	{"tape-create-no-numbers", "tape create --prefix ARC --count 994", true},
	{"tape-protect", "tape protect ARC003L8", true},
	{"tape-protect-several", "tape protect arc001l8 ARC003L8 netinst", true},
	{"tape-permit", "tape permit ARC003L8", true},
	{"tape-permit-unknown", "tape permit ARC999L8", true},
	{"history", "history", true},
	{"history-medium", "history --medium ARC001L8", true},
	{"history-drive", "history --drive lto0 --limit 2", true},
	{"history-nothing", "history"},
	{"history-nothing-of-that", "history --drive dvd9", true},
	{"history-json", "history --limit 1 -o json", true},
	{"history-bad-limit", "history --limit many"},
	{"history-positional", "history lto0"},
	{"help-events", "events --help"},
	{"events", "events --since 0 -n 4", .tapes = true},
	{"events-afar", "events --since 0 -n 1", .tapes = true, .afar = true},
	{"events-wide", "events --since 0 --type 'l*' -n 1 -o wide", .tapes = true},
	{"events-jsonl", "events --since 0 -n 2 -o jsonl", .tapes = true},
	{"events-too-few", "events --drive nothing -n 1 --timeout 5"},
	{"events-bad-since", "events --since yesterday"},
	{"events-bad-count", "events -n 0"},
	{"help-media-get", "media get --help"},
	{"media-get-unknown", "media get nothing -O /nowhere/x.iso"},
	{"media-get-changed", "media get win11 -O changed.iso", false, true},
	{"media-get-nowhere", "media get debian-12 -O /nowhere/x.iso"},
	{"help-tape-import", "tape import --help"},
	{"help-tape-export", "tape export --help"},
	{"tape-import", "tape import simh-standard.tap new.tape --barcode ARC001L8", false, true},
	{"tape-import-e11", "tape import simh-e11.tap new.tape --type lto-8 --capacity 2.5T", false,
		true},
	{"tape-import-json", "tape import simh-e11.tap new.tape -o json", false, true},
	{"tape-import-damaged", "tape import simh-extended.tap new.tape", false, true},
	{"tape-import-kept", "tape import simh-extended.tap new.tape --keep-damaged", false, true},
	{"tape-import-foreign", "tape import cartridge-1.tape new.tape", false, true},
	{"tape-import-missing", "tape import no-such.tap new.tape", false, true},
	{"tape-import-exists", "tape import simh-e11.tap cartridge-1.tape", false, true},
	{"tape-import-full", "tape import simh-standard.tap new.tape --capacity 1k", false, true},
	{"tape-import-bad-type", "tape import simh-e11.tap new.tape --type DDS-4", false, true},
	{"tape-import-bad-barcode", "tape import simh-e11.tap new.tape --barcode 'ARC 1'", false,
		true},
	{"tape-import-bad-capacity", "tape import simh-e11.tap new.tape --capacity big", false,
		true},
	{"tape-export", "tape export cartridge-1.tape new.tap", false, true},
	{"tape-export-json", "tape export cartridge-1-packed.tape new.tap -o json", false, true},
	{"tape-export-foreign", "tape export simh-e11.tap new.tap", false, true},
	{"doctor", "doctor", .afar = true},
	{"doctor-all", "doctor --all", .afar = true},
	{"doctor-json", "doctor -o json", .afar = true},
	{"doctor-tapes", "doctor", .tapes = true, .afar = true},
	{"help-doctor", "doctor --help"},
	{"drive-ls-wide", "drive ls -o wide", .tapes = true},
	{"drive-ls-jsonl", "drive ls -o jsonl"},
	{"drive-ls-name", "drive ls -o name", .tapes = true},
	{"media-ls-wide", "media ls -o wide", .tapes = true},
	{"media-ls-name", "media ls -o name"},
	{"export-ls-wide", "export ls -o wide"},
	{"tape-ls-wide", "tape ls -o wide", .tapes = true},
	{"tape-create-name", "tape create --prefix NEW --count 2 -o name"},
	{"session-ls-name", "session ls -o name"},
	{"status-name", "status -o name"},
	{"bad-progress", "status --progress bar"},
	{"eject-ambiguous", "eject dvd"},
	{"drive-show-ambiguous", "drive show lto", .tapes = true},
	{"export-show-beginning", "export show back -o name"},
	{"load-wait-too-long", "load netinst dvd0 --wait --timeout 5"},
	{"eject-wait-too-long", "eject dvd2 --wait --timeout 5"},
	{"tape-export-exists", "tape export cartridge-1.tape simh-e11.tap", false, true},
};

/* Lines of stderr are marked, so that a golden file shows both streams. */
static void describe(const char *arguments, const struct ran *ran, char *ret, size_t size)
{
	size_t length = (size_t)snprintf(ret, size, "$ carousel %s\n%s", arguments, ran->out);
	for (const char *line = ran->err; *line; line += strcspn(line, "\n") + 1)
		length += (size_t)snprintf(
			ret + length, size - length, "2> %.*s\n", (int)strcspn(line, "\n"), line);
	snprintf(ret + length, size - length, "exit %d\n", ran->exit);
}

static void compare(const char *name, const char *text)
{
	static char expected[1 << 16];
	char path[256];
	const char *update = getenv("CAROUSEL_GOLDEN");
	snprintf(path, sizeof path, GOLDEN_DIRECTORY "/%s.txt", name);
	FILE *file = fopen(path, update ? "w" : "r");
	assert_non_null(file);
	if (update) {
		fputs(text, file);
	} else {
		expected[fread(expected, 1, sizeof expected - 1, file)] = '\0';
		assert_string_equal(text, expected);
	}
	fclose(file);
}

static void run_among_tapes(struct fixture *fixture, const char *arguments, struct ran *ret)
{
	char directory[] = "/tmp/carousel-tapes-XXXXXX", environment[64];
	char copy[512], remove[64];
	assert_non_null(mkdtemp(directory));
	snprintf(copy, sizeof copy,
		"cp " GOLDEN_DIRECTORY "/../*.tap " GOLDEN_DIRECTORY "/../*.tape %s", directory);
	assert_int_equal(system(copy), 0);
	snprintf(environment, sizeof environment, "--chdir=%s", directory);
	run_carousel(fixture, environment, arguments, ret);
	snprintf(remove, sizeof remove, "rm -r %s", directory);
	assert_int_equal(system(remove), 0);
}

static void run_from_afar(const struct fixture *fixture, const char *arguments, struct ran *ret)
{
	char environment[256];
	snprintf(environment, sizeof environment,
		"CAROUSEL_URL=http://127.0.0.1:%u CAROUSEL_TOKEN=" TOKEN, fixture->port);
	run_bare(environment, arguments, ret);
}

static void check(void **state)
{
	static struct ran ran;
	static char text[1 << 16];
	struct fixture *fixture = *state;
	const struct golden *golden = fixture->context;
	if (golden->cartridges)
		run_among_tapes(fixture, golden->arguments, &ran);
	else if (golden->afar)
		run_from_afar(fixture, golden->arguments, &ran);
	else
		run_carousel(fixture, "", golden->arguments, &ran);
	describe(golden->arguments, &ran, text, sizeof text);
	compare(golden->name, text);
}

static int setup(void **state)
{
	const void *golden = *state;
	fixture_setup(state);
	struct fixture *fixture = *state;
	fixture->context = golden;
	if (((const struct golden *)golden)->tapes)
		fake_library_add_tapes(fixture->library);
	if (((const struct golden *)golden)->jobs)
		fake_library_add_jobs(fixture->library);
	if (((const struct golden *)golden)->twins)
		fake_library_add_twins(fixture->library);
	return 0;
}

enum { COUNT = sizeof goldens / sizeof *goldens };

/* "2/4": the second of four parts, which run beside each other. */
int main(int argc, char **argv)
{
	struct CMUnitTest tests[COUNT];
	size_t part = 1, parts = 1, count = 0;
	if (argc > 1 && sscanf(argv[1], "%zu/%zu", &part, &parts) != 2)
		return 2;
	for (size_t i = 0; i < COUNT; i++)
		if (i * parts / COUNT == part - 1)
			tests[count++] = (struct CMUnitTest){goldens[i].name, check, setup,
				fixture_teardown, (void *)(uintptr_t)&goldens[i]};
	return count ? _cmocka_run_group_tests("ctl/golden", tests, count, NULL, NULL) : 2;
}
