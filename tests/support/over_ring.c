/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The transport of the conformance suite, with rings in it: for every host a TCMU device of its
 * own (a ring carries no initiator), the kernel's side of it played by the ring double. What a test
 * is told is what the kernel would hand the initiator. All in one thread: this file stands in for
 * tcmu/workers.c.
 */
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "device.h"
#include "fake_drive.h"
#include "ring_double.h"
#include "sense_decode.h"
#include "thread_check.h"
#include "workers.h"

const bool fake_over_iscsi = false;
const bool fake_over_ring = true;

enum { HOSTS_MAX = 16 };

struct host {
	struct scsi_nexus *nexus; /* NULL: it has left */
	struct ring_double *kernel;
	struct ring_device *device;
};

struct flight {
	struct ring_io io; /* the kernel's until it is done */
	struct fake_command *command;
	struct flight *next;
};

struct transport {
	struct host hosts[HOSTS_MAX];
	unsigned host_count;
	struct flight *flights;
};

/* ---- the worker ------------------------------------------------------------------------------ */

static struct {
	struct served *served; /* NULL: free */
	bool poked, closed;
} places[HOSTS_MAX];

bool workers_add(struct workers *workers, struct served *served, struct error *error)
{
	unsigned i = 0;
	while (i < HOSTS_MAX && places[i].served)
		i++;
	CHECK(i < HOSTS_MAX);
	places[i].served = served;
	places[i].poked = true;
	places[i].closed = false;
	served->worker = (struct worker *)(void *)&places[i];
	served->member = true;
	return true;
}

void workers_remove(struct served *served)
{
	for (unsigned i = 0; i < HOSTS_MAX; i++)
		if (places[i].served == served)
			places[i].served = NULL;
	served->member = false;
}

void workers_poke(struct served *served)
{
	for (unsigned i = 0; i < HOSTS_MAX; i++)
		places[i].poked |= places[i].served == served;
}

/* False: there was nothing to do. */
static bool serve_one(unsigned i)
{
	struct served *served = places[i].served;
	struct pollfd polled = {.fd = served->fd, .events = POLLIN};
	bool readable = !places[i].closed && poll(&polled, 1, 0) == 1;
	if (!readable && !places[i].poked)
		return false;
	places[i].poked = false;
	enum served_result result = served->serve(served, readable);
	places[i].poked |= result == SERVED_MORE;
	places[i].closed |= result == SERVED_CLOSE;
	return true;
}

static bool serve_all(void)
{
	bool any = false;
	for (unsigned i = 0; i < HOSTS_MAX; i++)
		any |= places[i].served && serve_one(i);
	return any;
}

/* ---- hosts ----------------------------------------------------------------------------------- */

static void failed(void *context, const char *reason)
{
	fprintf(stderr, "a ring has failed: %s\n", reason);
	abort();
}

static struct scsi_nexus *arrive(struct fake_drive *fake, struct scsi_nexus *nexus)
{
	struct transport *transport = fake->transport;
	struct error error = {0};
	CHECK(transport->host_count < HOSTS_MAX);
	struct host *host = &transport->hosts[transport->host_count++];
	nexus->transfer_max = fake->transfer_max;
	host->nexus = nexus;
	host->kernel = ring_double_create(NULL);
	host->device = ring_device_create(
		&(struct ring_device_config){.port = ring_double_open(host->kernel),
			.nexus = nexus,
			.failed = failed,
			.context = host},
		&error);
	CHECK(host->device && ring_device_start(host->device, NULL, &error));
	while (serve_all())
		;
	return nexus;
}

struct scsi_nexus *fake_nexus(struct fake_drive *fake, const char *name)
{
	return arrive(fake, scsi_nexus_create(fake->lu, name));
}

struct scsi_nexus *fake_enter(struct fake_drive *fake, const char *name)
{
	return arrive(fake, scsi_nexus_enter(fake->lu, name));
}

static void detach(struct host *host)
{
	ring_device_destroy(host->device);
	ring_double_destroy(host->kernel);
	*host = (struct host){0};
}

static struct host *find_host(struct transport *transport, const struct scsi_nexus *nexus)
{
	for (unsigned i = 0; i < transport->host_count; i++)
		if (transport->hosts[i].nexus == nexus)
			return &transport->hosts[i];
	fprintf(stderr, "this nexus has no ring\n");
	abort();
}

void fake_leave(struct scsi_nexus *nexus)
{
	struct fake_drive *fake = nexus->lu->library_context;
	detach(find_host(fake->transport, nexus));
	scsi_nexus_leave(nexus);
}

/* ---- commands -------------------------------------------------------------------------------- */

static void land(struct fake_command *command, const struct ring_io *io)
{
	struct fake_answer *answer = &command->answer;
	CHECK(answer->data[command->cmd.transfer_length] == 0xa5);
	answer->status = (enum scsi_status)io->status;
	if (answer->status == SCSI_STATUS_CHECK_CONDITION)
		CHECK(sense_decode(io->sense, sizeof io->sense, &answer->sense));
	answer->length = command->cmd.data_in ? io->received : 0;
	answer->done = true;
	command->released = true;
}

static bool land_all(struct transport *transport)
{
	struct flight **at = &transport->flights;
	bool any = false;
	while (*at) {
		struct flight *flight = *at;
		if (!flight->io.done) {
			at = &flight->next;
			continue;
		}
		land(flight->command, &flight->io);
		*at = flight->next;
		free(flight);
		any = true;
	}
	return any;
}

void fake_transport_catch_up(struct fake_drive *fake)
{
	bool more = true;
	while (more) {
		more = serve_all();
		more |= fake_run_parked(fake);
		more |= land_all(fake->transport);
	}
}

void fake_transport_parked(struct fake_drive *fake)
{
}

void fake_transport_send(struct fake_command *command, struct scsi_nexus *nexus, bool out)
{
	struct transport *transport = command->owner->transport;
	struct flight *flight = calloc(1, sizeof *flight);
	size_t length = command->cmd.transfer_length;
	fake_note_command(command, nexus);
	flight->command = command;
	flight->next = transport->flights;
	transport->flights = flight;
	memcpy(flight->io.cdb, command->cmd.cdb, sizeof command->cmd.cdb);
	flight->io.data = command->answer.data;
	flight->io.length = length;
	flight->io.direction = length == 0 ? RING_IO_NONE : out ? RING_IO_OUT : RING_IO_IN;
	ring_double_submit(find_host(transport, nexus)->kernel, &flight->io);
}

/* ---- all of it ------------------------------------------------------------------------------- */

void fake_transport_begin(struct fake_drive *fake)
{
	fake->transport = calloc(1, sizeof(struct transport));
}

void fake_transport_end(struct fake_drive *fake)
{
	struct transport *transport = fake->transport;
	for (unsigned i = 0; i < transport->host_count; i++) {
		struct scsi_nexus *nexus = transport->hosts[i].nexus;
		if (!nexus)
			continue;
		detach(&transport->hosts[i]);
		scsi_nexus_destroy(nexus);
	}
	free(transport);
}
