/* SPDX-License-Identifier: Apache-2.0 */
/* The life of the ring double, and the port of the device under test. */
#include "ring_double.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "ring_double_private.h"
#include "util/cleanup.h"

/* ---- the port ---------------------------------------------------------------------------------
 */

static int double_acknowledge(struct ring_port *port)
{
	struct ring_double *kernel = container_of(port, struct double_port, port)->kernel;
	char bytes[4096];
	ssize_t n = read(port->fd, bytes, sizeof bytes);
	if (n == 0 || (n < 0 && errno != EAGAIN))
		return -EIO;
	SCOPED_LOCK(&kernel->lock);
	kernel->counters.acknowledged += n > 0;
	return n > 0;
}

static int double_kick(struct ring_port *port)
{
	struct double_port *self = container_of(port, struct double_port, port);
	SCOPED_LOCK(&self->kernel->lock);
	if (self->dead)
		return 0;
	if (self->kernel->removed)
		return -EIO;
	self->kernel->counters.kicks++;
	ring_double_handle_completions(self->kernel);
	return 0;
}

static void double_close(struct ring_port *port)
{
	struct double_port *self = container_of(port, struct double_port, port);
	struct ring_double *kernel = self->kernel;
	SCOPED_LOCK(&kernel->lock);
	if (kernel->open == self) {
		kernel->open = NULL;
		cleanup_close(&kernel->event_fd);
		kernel->event_fd = -1;
	}
	munmap(port->map, port->map_size);
	close(port->fd);
	free(self);
}

static const struct ring_port_ops double_ops = {
	.acknowledge = double_acknowledge,
	.kick = double_kick,
	.close = double_close,
};

/* The end for the device first; the reading end of the pipe is the one that gets closed. */
static void open_events(struct ring_double *kernel, int *ret)
{
	int ends[2];
	if (kernel->config.error_only)
		CHECK(!pipe2(ends, O_CLOEXEC | O_NONBLOCK));
	else
		CHECK(!socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends));
	kernel->event_fd = ends[0];
	*ret = ends[1];
}

struct ring_port *ring_double_open(struct ring_double *kernel)
{
	SCOPED_LOCK(&kernel->lock);
	if (kernel->open || kernel->removed)
		return NULL;
	struct double_port *port = calloc(1, sizeof *port);
	CHECK(port);
	void *map = mmap(
		NULL, kernel->map_size, PROT_READ | PROT_WRITE, MAP_SHARED, kernel->memory_fd, 0);
	CHECK(map != MAP_FAILED);
	*port = (struct double_port){
		.port = {.ops = &double_ops, .map = map, .map_size = kernel->map_size},
		.kernel = kernel,
	};
	open_events(kernel, &port->port.fd);
	kernel->open = port;
	ring_double_protect_all(kernel);
	return &port->port;
}

/* What it reads and writes from now on is its own, and stays as it is. */
static void separate(struct ring_double *kernel, struct ring_port *port)
{
	void *copy = mmap(
		NULL, kernel->map_size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	CHECK(copy != MAP_FAILED);
	memcpy(copy, kernel->map, kernel->map_size);
	CHECK(mremap(copy, kernel->map_size, kernel->map_size, MREMAP_MAYMOVE | MREMAP_FIXED,
		      port->map) == port->map);
}

void ring_double_kill(struct ring_double *kernel)
{
	SCOPED_LOCK(&kernel->lock);
	struct double_port *port = kernel->open;
	CHECK(port);
	separate(kernel, &port->port);
	port->dead = true;
	kernel->open = NULL;
	/* The descriptor lives on without events: one that hangs up would look like a removal. */
	cleanup_close(&kernel->dead_event_fd);
	kernel->dead_event_fd = steal_fd(kernel->event_fd);
}

static void fail_waiting(struct ring_double *kernel)
{
	while (!list_empty(&kernel->waiting)) {
		struct flight *flight = container_of(kernel->waiting.next, struct flight, link);
		ring_double_done(kernel, flight, 2);
		ring_double_flight_free(kernel, flight, false);
	}
}

void ring_double_remove(struct ring_double *kernel)
{
	SCOPED_LOCK(&kernel->lock);
	ring_double_fail_flights(kernel, 2);
	ring_double_forget_entries(kernel);
	fail_waiting(kernel);
	kernel->removed = true;
	cleanup_close(&kernel->event_fd);
	kernel->event_fd = -1;
}

/* ---- the life ---------------------------------------------------------------------------------
 */

static void set_defaults(struct ring_double_config *config)
{
	config->ring_size = config->ring_size ?: 64 * 1024 - (uint32_t)sizeof(struct abi_mailbox);
	config->blocks = config->blocks ?: 256;
	config->block_pages = config->block_pages ?: 1;
	config->version = config->version ?: ABI_VERSION;
	config->flags = config->flags ?: RING_DOUBLE_FLAGS;
}

static void make_memory(struct ring_double *kernel)
{
	size_t ring_end = sizeof(struct abi_mailbox) + kernel->config.ring_size;
	kernel->block_size = (size_t)kernel->config.block_pages * RING_DOUBLE_PAGE;
	kernel->data_offset =
		(ring_end + RING_DOUBLE_PAGE - 1) / RING_DOUBLE_PAGE * RING_DOUBLE_PAGE;
	kernel->map_size = kernel->data_offset + kernel->config.blocks * kernel->block_size;
	kernel->memory_fd = memfd_create("ring", MFD_CLOEXEC);
	CHECK(kernel->memory_fd >= 0 && !ftruncate(kernel->memory_fd, (off_t)kernel->map_size));
	kernel->map = mmap(
		NULL, kernel->map_size, PROT_READ | PROT_WRITE, MAP_SHARED, kernel->memory_fd, 0);
	CHECK(kernel->map != MAP_FAILED);
	kernel->block_used = calloc(kernel->config.blocks, sizeof(bool));
	kernel->block_sticky = calloc(kernel->config.blocks, sizeof(bool));
	CHECK(kernel->block_used && kernel->block_sticky);
}

static void init_mailbox(struct ring_double *kernel)
{
	*ring_double_mailbox(kernel) = (struct abi_mailbox){
		.version = kernel->config.version,
		.flags = kernel->config.flags,
		.ring_offset = sizeof(struct abi_mailbox),
		.ring_size = kernel->config.ring_size,
	};
}

struct ring_double *ring_double_create(const struct ring_double_config *config)
{
	struct ring_double *kernel = calloc(1, sizeof *kernel);
	CHECK(kernel);
	if (config)
		kernel->config = *config;
	set_defaults(&kernel->config);
	kernel->event_fd = kernel->dead_event_fd = -1;
	pthread_mutex_init(&kernel->lock, NULL);
	pthread_cond_init(&kernel->answered, NULL);
	list_init(&kernel->slots);
	list_init(&kernel->flights);
	list_init(&kernel->waiting);
	list_init(&kernel->tmrs);
	make_memory(kernel);
	init_mailbox(kernel);
	return kernel;
}

void ring_double_destroy(struct ring_double *kernel)
{
	if (!kernel)
		return;
	CHECK(!kernel->open);
	ring_double_remove(kernel);
	cleanup_close(&kernel->dead_event_fd);
	munmap(kernel->map, kernel->map_size);
	close(kernel->memory_fd);
	free(kernel->block_used);
	free(kernel->block_sticky);
	pthread_cond_destroy(&kernel->answered);
	pthread_mutex_destroy(&kernel->lock);
	free(kernel);
}

void ring_double_wait(struct ring_double *kernel, struct ring_io *io)
{
	struct timespec until;
	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += RING_DOUBLE_ANSWER_MS / 1000;
	SCOPED_LOCK(&kernel->lock);
	while (!atomic_load(&io->done))
		CHECK(!pthread_cond_timedwait(&kernel->answered, &kernel->lock, &until));
}

/* ---- what tests look at ------------------------------------------------------------------------
 */

struct abi_mailbox *ring_double_mailbox(struct ring_double *kernel)
{
	return (struct abi_mailbox *)(void *)kernel->map;
}

uint8_t *ring_double_ring(struct ring_double *kernel)
{
	return kernel->map + sizeof(struct abi_mailbox);
}

uint32_t ring_double_head(struct ring_double *kernel)
{
	SCOPED_LOCK(&kernel->lock);
	return kernel->head;
}

void ring_double_forge_head(struct ring_double *kernel, uint32_t head)
{
	SCOPED_LOCK(&kernel->lock);
	kernel->head = head;
	__atomic_store_n(&ring_double_mailbox(kernel)->head, head, __ATOMIC_RELEASE);
	ring_double_notify(kernel);
}

size_t ring_double_data_offset(const struct ring_double *kernel)
{
	return kernel->data_offset;
}

struct ring_double_counters ring_double_counters(struct ring_double *kernel)
{
	SCOPED_LOCK(&kernel->lock);
	return kernel->counters;
}

unsigned ring_double_in_flight(struct ring_double *kernel)
{
	SCOPED_LOCK(&kernel->lock);
	return kernel->in_flight;
}

void ring_double_note_violations(struct ring_double *kernel)
{
	SCOPED_LOCK(&kernel->lock);
	kernel->note_violations = true;
}

const char *ring_double_violated(struct ring_double *kernel)
{
	SCOPED_LOCK(&kernel->lock);
	return kernel->violated;
}
