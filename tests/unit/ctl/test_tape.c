/* SPDX-License-Identifier: Apache-2.0 */
/*
 * carousel tape import and export as programs: what is left when they fail or are stopped, and what
 * they draw on a terminal. What they say is in test_golden.c.
 */
#include "support.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pty.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli_fixture.h"

static char directory[32];
static char environment[64];
static struct ran ran;

static int setup(void **state)
{
	strcpy(directory, "/tmp/carousel-tape-XXXXXX");
	assert_non_null(mkdtemp(directory));
	snprintf(environment, sizeof environment, "--chdir=%s", directory);
	return 0;
}

static int teardown(void **state)
{
	char command[64];
	snprintf(command, sizeof command, "rm -rf %s", directory);
	return system(command);
}

#define TAPE_TEST(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

static const char *path_of(const char *name)
{
	static char path[128];
	snprintf(path, sizeof path, "%s/%s", directory, name);
	return path;
}

/* Of zeros, so that it is a tape of filemarks. */
static void make_zeros(const char *name, off_t size)
{
	int fd = open(path_of(name), O_CREAT | O_WRONLY | O_EXCL, 0600);
	assert_true(fd >= 0);
	assert_int_equal(ftruncate(fd, size), 0);
	close(fd);
}

static bool exists(const char *name)
{
	return access(path_of(name), F_OK) == 0;
}

static unsigned count_files(void)
{
	unsigned count = 0;
	DIR *open_directory = opendir(directory);
	assert_non_null(open_directory);
	for (struct dirent *entry; (entry = readdir(open_directory));)
		count += entry->d_name[0] != '.';
	closedir(open_directory);
	return count;
}

static void wait_for(const char *name)
{
	while (!exists(name))
		usleep(1000);
}

static void import_in_child(void)
{
	if (chdir(directory) == 0)
		execl(CAROUSEL_BINARY, "carousel", "tape", "import", "a.tap", "a.tape", NULL);
	_exit(127);
}

static pid_t start_import(int *ret_terminal, unsigned short columns)
{
	struct winsize size = {.ws_row = 24, .ws_col = columns};
	pid_t pid = forkpty(ret_terminal, NULL, NULL, &size);
	assert_true(pid >= 0);
	if (pid == 0) {
		signal(SIGHUP, SIG_DFL); /* who runs the tests may ignore it (nohup) */
		import_in_child();
	}
	return pid;
}

/* Until `text` was seen, or to the end of it all. */
static void read_terminal(int terminal, const char *text)
{
	size_t length = 0;
	ssize_t count = 1;
	ran.out[0] = '\0';
	while (count > 0 && length < sizeof ran.out - 1 && !(text && strstr(ran.out, text))) {
		count = read(terminal, ran.out + length, sizeof ran.out - 1 - length);
		length += count > 0 ? (size_t)count : 0;
		ran.out[length] = '\0';
	}
}

/* ---- what is left -----------------------------------------------------------------------------
 */

static void an_import_that_fails_leaves_nothing(void **state)
{
	make_zeros("a.tap", 4001);
	run_bare(environment, "tape import a.tap a.tape", &ran);
	assert_string_equal(ran.err,
		"carousel: a.tap ends within the length at byte 4000\n"
		"          Copy the file again; if it is whole, it is no tape of SIMH's format "
		"(.tap).\n");
	assert_int_equal(ran.exit, 1);
	assert_int_equal(count_files(), 1);
}

static void an_export_that_fails_leaves_nothing(void **state)
{
	make_zeros("a.tap", 40);
	run_bare(environment, "tape export a.tap b.tap", &ran);
	assert_int_equal(ran.exit, 1);
	assert_int_equal(count_files(), 1);
	run_bare(environment, "tape import a.tap a.tape", &ran);
	assert_int_equal(ran.exit, 0);
	run_bare(environment, "tape export a.tape no/such/b.tap", &ran);
	assert_non_null(strstr(ran.err, "cannot make no/such/b.tap.tmp: No such file"));
	assert_int_equal(ran.exit, 1);
	assert_int_equal(count_files(), 2);
}

static void files_that_are_there_are_not_touched(void **state)
{
	struct stat st;
	make_zeros("a.tap", 41); /* which would be refused when it is read */
	make_zeros("a.tape", 7);
	run_bare(environment, "tape import a.tap a.tape", &ran);
	assert_non_null(strstr(ran.err, "there is a file a.tape already"));
	assert_int_equal(ran.exit, 1);
	make_zeros("b.tape.tmp", 8);
	run_bare(environment, "tape import a.tap b.tape", &ran);
	assert_non_null(strstr(ran.err, "there is b.tape.tmp already"));
	assert_int_equal(ran.exit, 1);
	assert_int_equal(stat(path_of("a.tape"), &st), 0);
	assert_int_equal(st.st_size, 7);
	assert_int_equal(stat(path_of("b.tape.tmp"), &st), 0);
	assert_int_equal(st.st_size, 8);
	assert_int_equal(count_files(), 3);
}

/* False: it was over before. */
static bool stop_import(pid_t pid)
{
	int status;
	while (!exists("a.tape.tmp") && !exists("a.tape"))
		usleep(1000);
	kill(pid, SIGSTOP);
	assert_int_equal(waitpid(pid, &status, WUNTRACED), pid);
	if (WIFSTOPPED(status) && !exists("a.tape"))
		return true;
	if (WIFSTOPPED(status)) {
		kill(pid, SIGKILL);
		assert_int_equal(waitpid(pid, &status, 0), pid);
	}
	unlink(path_of("a.tape"));
	return false;
}

static pid_t start_import_and_stop_it(int *ret_terminal)
{
	pid_t pid = start_import(ret_terminal, 80);
	while (!stop_import(pid)) {
		close(*ret_terminal);
		pid = start_import(ret_terminal, 80);
	}
	return pid;
}

/* Somebody makes a file of that name while the tape is read. */
static void a_file_that_came_meanwhile_is_not_touched(void **state)
{
	int terminal, status;
	struct stat st;
	make_zeros("a.tap", 1 << 20);
	pid_t pid = start_import_and_stop_it(&terminal);
	make_zeros("a.tape", 7);
	kill(pid, SIGCONT);
	read_terminal(terminal, NULL);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	close(terminal);
	assert_non_null(strstr(ran.out, "there is a file a.tape already"));
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 1);
	assert_int_equal(stat(path_of("a.tape"), &st), 0);
	assert_int_equal(st.st_size, 7);
	assert_int_equal(count_files(), 2);
}

/* ---- damaged cartridges -----------------------------------------------------------------------
 */

/* Flips a bit `behind` the last place of a text in the file. */
static void damage(const char *name, const char *text, size_t length, size_t behind)
{
	static uint8_t bytes[1 << 17];
	FILE *file = fopen(path_of(name), "r+");
	assert_non_null(file);
	size_t size = fread(bytes, 1, sizeof bytes, file), at = size - length;
	assert_true(size < sizeof bytes);
	while (at > 0 && memcmp(bytes + at, text, length) != 0)
		at--;
	assert_true(at > 0 && at + behind < size);
	assert_int_equal(fseek(file, (long)(at + behind), SEEK_SET), 0);
	fputc(bytes[at + behind] ^ 1, file);
	fclose(file);
}

static void import_standard(void)
{
	run_bare(environment, "tape import " GOLDEN_DIRECTORY "/../simh-standard.tap a.tape", &ran);
	assert_int_equal(ran.exit, 0);
}

static void a_damaged_block_ends_an_export_or_is_marked(void **state)
{
	import_standard();
	damage("a.tape", "\4\13\22\31\40", 5, 0); /* as its block of 511 bytes goes on */
	run_bare(environment, "tape export a.tape a.tap", &ran);
	assert_string_equal(ran.err,
		"carousel: object 4 of the cartridge is damaged, behind 3 blocks and 1 filemark\n"
		"          carousel tape verify says more; --keep-damaged exports what there "
		"is.\n");
	assert_int_equal(ran.exit, 1);
	assert_int_equal(count_files(), 1);
	run_bare(environment, "tape export a.tape a.tap --keep-damaged", &ran);
	assert_string_equal(ran.err,
		"made a.tap of a.tape: 5 blocks and 3 filemarks, 1.2 kB\n"
		"marked as damaged: 1 block, of 0 of which nothing could be read\n");
	assert_int_equal(ran.exit, 0);
}

/* What is not known to be all of it is not said to be. */
static void a_cartridge_without_an_end_is_never_a_success(void **state)
{
	import_standard();
	damage("a.tape", "CFRM", 4, 70); /* the checkpoint that it was closed with */
	run_bare(environment, "tape export a.tape a.tap", &ran);
	assert_int_equal(ran.exit, 1);
	assert_int_equal(count_files(), 1);
	run_bare(environment, "tape export a.tape a.tap --keep-damaged", &ran);
	assert_string_equal(ran.err, "made a.tap of a.tape: 5 blocks and 3 filemarks, 1.2 kB\n"
				     "carousel: the end of a.tape cannot be read: from object 8 on "
				     "nothing was exported\n"
				     "          carousel tape verify says where the damage is.\n");
	assert_int_equal(ran.exit, 1);
	assert_int_equal(count_files(), 2);
}

/* ---- being stopped ----------------------------------------------------------------------------
 */

static void assert_stopped(int status, int number)
{
	assert_non_null(strstr(ran.out, "a.tape was not made: it was stopped after 0 blocks and "));
	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), number);
	assert_int_equal(count_files(), 1);
}

static void ctrl_c_leaves_nothing(void **state)
{
	int terminal, status;
	make_zeros("a.tap", 1 << 30);
	pid_t pid = start_import(&terminal, 80);
	read_terminal(terminal, "%");
	assert_true(exists("a.tape.tmp"));
	assert_int_equal(write(terminal, "\003", 1), 1);
	read_terminal(terminal, NULL);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	close(terminal);
	assert_stopped(status, SIGINT);
}

static void being_terminated_leaves_nothing(void **state)
{
	static const int numbers[] = {SIGTERM, SIGHUP};
	make_zeros("a.tap", 1 << 30);
	for (unsigned i = 0; i < 2; i++) {
		int terminal, status;
		pid_t pid = start_import(&terminal, 80);
		wait_for("a.tape.tmp");
		kill(pid, numbers[i]);
		read_terminal(terminal, NULL);
		assert_int_equal(waitpid(pid, &status, 0), pid);
		close(terminal);
		assert_stopped(status, numbers[i]);
	}
}

/* ---- on a terminal ----------------------------------------------------------------------------
 */

/* A line of it is between a return and "erase to the end". */
static void assert_narrow(size_t columns)
{
	unsigned lines = 0;
	for (const char *at = ran.out; (at = strchr(at, '\r')); lines++) {
		const char *end = strstr(++at, "\033[K");
		if (!end)
			break;
		assert_true((size_t)(end - at) < columns);
	}
	assert_true(lines > 0);
}

static void the_progress_line_fits_narrow_terminals(void **state)
{
	static const unsigned short columns[] = {39, 20, 6, 200};
	make_zeros("a.tap", 1 << 30);
	for (size_t i = 0; i < sizeof columns / sizeof *columns; i++) {
		int terminal, status;
		pid_t pid = start_import(&terminal, columns[i]);
		read_terminal(terminal, "\033[K");
		assert_narrow(columns[i]);
		assert_non_null(strstr(ran.out, "  0 %"));
		assert_int_equal(!!strstr(ran.out, " of 1.1 GB"), columns[i] > 20);
		assert_int_equal(!!strstr(ran.out, "[>"), columns[i] == 200);
		kill(pid, SIGINT);
		read_terminal(terminal, NULL);
		assert_int_equal(waitpid(pid, &status, 0), pid);
		close(terminal);
	}
}

static void without_a_terminal_there_is_none(void **state)
{
	make_zeros("a.tap", 4 << 20);
	run_bare(environment, "tape import a.tap a.tape", &ran);
	assert_string_equal(ran.err, "made a.tape of a.tap: 0 blocks and 1048576 filemarks, 0 B\n");
	assert_int_equal(ran.exit, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TAPE_TEST(an_import_that_fails_leaves_nothing),
		TAPE_TEST(an_export_that_fails_leaves_nothing),
		TAPE_TEST(files_that_are_there_are_not_touched),
		TAPE_TEST(a_file_that_came_meanwhile_is_not_touched),
		TAPE_TEST(a_damaged_block_ends_an_export_or_is_marked),
		TAPE_TEST(a_cartridge_without_an_end_is_never_a_success),
		TAPE_TEST(ctrl_c_leaves_nothing),
		TAPE_TEST(being_terminated_leaves_nothing),
		TAPE_TEST(the_progress_line_fits_narrow_terminals),
		TAPE_TEST(without_a_terminal_there_is_none),
	};
	return cmocka_run_group_tests_name("ctl/tape", tests, NULL, NULL);
}
