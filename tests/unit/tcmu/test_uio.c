/* SPDX-License-Identifier: Apache-2.0 */
/* /dev/uioN and its map, in a directory of our own. What open(2) says is ours as well. */
#include "support.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "uio.h"

enum { MAP_SIZE = 8192 };

struct place {
	char root[64];
	char node[128], size_file[128];
};

static unsigned busy_ms;
static _Atomic int refuse_with; /* -errno for the node, 0: as it is */

int __real_open64(const char *path, int flags, ...);
int __wrap_open64(const char *path, int flags, mode_t mode);

int __wrap_open64(const char *path, int flags, mode_t mode)
{
	int refused = refuse_with;
	if (refused && strstr(path, "/dev/uio")) {
		errno = -refused;
		return -1;
	}
	return __real_open64(path, flags, mode);
}

static void write_file(const char *path, const char *text, off_t size)
{
	FILE *file = fopen(path, "w");
	assert_non_null(file);
	fputs(text, file);
	fclose(file);
	if (size)
		assert_int_equal(truncate(path, size), 0);
}

static int setup(void **state)
{
	struct place *place = calloc(1, sizeof *place);
	char command[256];
	strcpy(place->root, "/tmp/uio-XXXXXX");
	assert_non_null(mkdtemp(place->root));
	snprintf(place->node, sizeof place->node, "%s/dev/uio3", place->root);
	snprintf(place->size_file, sizeof place->size_file, "%s/sys/class/uio/uio3/maps/map0/size",
		place->root);
	snprintf(command, sizeof command, "mkdir -p %s/dev %s/sys/class/uio/uio3/maps/map0",
		place->root, place->root);
	assert_int_equal(system(command), 0);
	write_file(place->node, "", MAP_SIZE);
	write_file(place->size_file, "0x2000\n", 0);
	refuse_with = 0;
	busy_ms = 0;
	*state = place;
	return 0;
}

static int teardown(void **state)
{
	struct place *place = *state;
	char command[128];
	snprintf(command, sizeof command, "rm -r %s", place->root);
	assert_int_equal(system(command), 0);
	free(place);
	return 0;
}

static struct ring_port *open_good(const struct place *place)
{
	struct error error = {0};
	struct ring_port *port = uio_open(place->root, "uio3", busy_ms, &error);
	assert_string_equal(error.sentence, "");
	assert_non_null(port);
	return port;
}

static void assert_refused(const struct place *place, enum error_code code, const char *sentence)
{
	struct error error = {0};
	assert_null(uio_open(place->root, "uio3", busy_ms, &error));
	assert_int_equal(error.code, code);
	assert_non_null(strstr(error.sentence, sentence));
	assert_true(error.remedy[0]);
}

static void all_of_the_map_is_mapped(void **state)
{
	struct place *place = *state;
	struct ring_port *port = open_good(place);
	char byte = 0;
	assert_int_equal(port->map_size, MAP_SIZE);
	((char *)port->map)[MAP_SIZE - 1] = 'x';
	assert_int_equal(pread(port->fd, &byte, 1, MAP_SIZE - 1), 1);
	assert_int_equal(byte, 'x');
	port->ops->close(port);
}

static void no_other_program_inherits_the_descriptor(void **state)
{
	struct ring_port *port = open_good(*state);
	assert_int_equal(fcntl(port->fd, F_GETFD), FD_CLOEXEC);
	port->ops->close(port);
}

static void the_descriptor_does_not_block(void **state)
{
	struct ring_port *port = open_good(*state);
	assert_true(fcntl(port->fd, F_GETFL) & O_NONBLOCK);
	port->ops->close(port);
}

static void a_child_process_does_not_have_the_ring(void **state)
{
	struct ring_port *port = open_good(*state);
	int status;
	pid_t child = fork();
	if (child == 0) {
		unsigned char resident[MAP_SIZE / 4096];
		int result = mincore(port->map, port->map_size, resident);
		_exit(result < 0 && errno == ENOMEM ? 0 : 1);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
	port->ops->close(port);
}

static void closing_gives_the_descriptor_back(void **state)
{
	struct ring_port *port = open_good(*state);
	int fd = port->fd;
	port->ops->close(port);
	assert_int_equal(fcntl(fd, F_GETFD), -1);
}

/* ---- what the node says -------------------------------------------------------------------- */

static void four_bytes_are_an_event(void **state)
{
	struct ring_port *port = open_good(*state);
	assert_int_equal(port->ops->acknowledge(port), 1);
	assert_int_equal(lseek(port->fd, 0, SEEK_CUR), 4);
	port->ops->close(port);
}

static void anything_else_is_the_end(void **state)
{
	struct ring_port *port = open_good(*state);
	lseek(port->fd, 0, SEEK_END);
	errno = EAGAIN;
	assert_int_equal(port->ops->acknowledge(port), -EIO);
	port->ops->close(port);
}

static void no_event_is_no_error(void **state)
{
	struct ring_port *port = open_good(*state);
	int ends[2], file = port->fd;
	assert_int_equal(pipe2(ends, O_NONBLOCK), 0);
	port->fd = ends[0];
	assert_int_equal(port->ops->acknowledge(port), 0);
	port->fd = file;
	close(ends[0]);
	close(ends[1]);
	port->ops->close(port);
}

static void a_call_writes_four_bytes(void **state)
{
	struct ring_port *port = open_good(*state);
	assert_int_equal(port->ops->kick(port), 0);
	assert_int_equal(lseek(port->fd, 0, SEEK_CUR), 4);
	port->ops->close(port);
}

static void a_call_that_fails_says_so(void **state)
{
	struct ring_port *port = open_good(*state);
	int file = port->fd;
	port->fd = open("/dev/full", O_RDWR | O_CLOEXEC);
	assert_int_equal(port->ops->kick(port), -EIO);
	close(port->fd);
	port->fd = file;
	port->ops->close(port);
}

/* ---- what is wrong ------------------------------------------------------------------------- */

static void another_daemon_has_it(void **state)
{
	refuse_with = -EBUSY;
	assert_refused(*state, ERROR_KERNEL_TARGET, "another daemon serves");
}

static void it_may_not_be_opened(void **state)
{
	refuse_with = -EACCES;
	assert_refused(*state, ERROR_PERMISSION, "may not be opened");
}

static void a_node_that_never_comes_is_reported(void **state)
{
	struct place *place = *state;
	unlink(place->node);
	assert_refused(place, ERROR_KERNEL_TARGET, "No such file or directory");
}

static void *make_node_later(void *argument)
{
	const struct place *place = argument;
	usleep(50000);
	write_file(place->node, "", MAP_SIZE);
	return NULL;
}

static void a_node_that_comes_late_is_waited_for(void **state)
{
	struct place *place = *state;
	pthread_t udev;
	unlink(place->node);
	assert_int_equal(pthread_create(&udev, NULL, make_node_later, place), 0);
	struct ring_port *port = open_good(place);
	pthread_join(udev, NULL);
	port->ops->close(port);
}

static void *let_go_later(void *argument)
{
	usleep(50000);
	refuse_with = 0;
	return NULL;
}

static void a_daemon_that_is_dying_is_waited_for(void **state)
{
	pthread_t killed;
	refuse_with = -EBUSY;
	busy_ms = 10000;
	assert_int_equal(pthread_create(&killed, NULL, let_go_later, NULL), 0);
	struct ring_port *port = open_good(*state);
	pthread_join(killed, NULL);
	port->ops->close(port);
}

static void without_sysfs_the_size_is_unknown(void **state)
{
	struct place *place = *state;
	unlink(place->size_file);
	assert_refused(place, ERROR_KERNEL_TARGET, "does not give the size");
}

static void a_size_that_is_none_is_refused(void **state)
{
	struct place *place = *state;
	write_file(place->size_file, "none\n", 0);
	assert_refused(place, ERROR_KERNEL_TARGET, "does not give the size");
	write_file(place->size_file, "0xffffffffffffffff\n", 0);
	assert_refused(place, ERROR_KERNEL_TARGET, "does not give the size");
}

static void what_cannot_be_mapped_is_refused(void **state)
{
	struct place *place = *state;
	unlink(place->node);
	assert_int_equal(mkfifo(place->node, 0600), 0);
	assert_refused(place, ERROR_KERNEL_TARGET, "cannot be mapped");
}

#define uio_test(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		uio_test(all_of_the_map_is_mapped),
		uio_test(no_other_program_inherits_the_descriptor),
		uio_test(the_descriptor_does_not_block),
		uio_test(a_child_process_does_not_have_the_ring),
		uio_test(closing_gives_the_descriptor_back),
		uio_test(four_bytes_are_an_event),
		uio_test(anything_else_is_the_end),
		uio_test(no_event_is_no_error),
		uio_test(a_call_writes_four_bytes),
		uio_test(a_call_that_fails_says_so),
		uio_test(another_daemon_has_it),
		uio_test(it_may_not_be_opened),
		uio_test(a_node_that_never_comes_is_reported),
		uio_test(a_node_that_comes_late_is_waited_for),
		uio_test(a_daemon_that_is_dying_is_waited_for),
		uio_test(without_sysfs_the_size_is_unknown),
		uio_test(a_size_that_is_none_is_refused),
		uio_test(what_cannot_be_mapped_is_refused),
	};
	return cmocka_run_group_tests_name("tcmu/uio", tests, NULL, NULL);
}
