/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The transport of the conformance suite, with a socket in it: a portal on 127.0.0.1 in front of
 * the same drive, and a session of libiscsi's for every host. What a test is told comes from PDUs:
 * the status, the sense data as it was encoded, and the length of the data by its residual.
 */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "fake_drive.h"
#include "iscsi/portal.h"
#include "sense_decode.h"
#include "util/cleanup.h"
#include "wire.h"
#include "thread_check.h"

#define TARGET "iqn.2026-01.test:drive"

enum { HOSTS_MAX = 16, PATIENCE_MS = 60000 };

const bool fake_over_iscsi = true;
const bool fake_over_ring = false;

/* A host: under lock, what the portal's thread looks at. */
struct host {
	char initiator[64];
	char name[SCSI_NEXUS_NAME_MAX];
	struct wire *wire;
	struct scsi_nexus *nexus; /* while the session is open */
};

/* A command that is on its way. */
struct flight {
	struct fake_command *command;
	struct wire_answer wire;
	struct flight *next;
};

struct transport {
	struct fake_drive *fake;
	struct portal *portal;
	int bell_fd;
	pthread_mutex_t lock;
	struct host hosts[HOSTS_MAX];
	unsigned host_count;
	struct flight *flights;
	unsigned flight_count;
};

/* ---- the portal's backend -------------------------------------------------------------------- */

static void targets(void *context, const struct portal_login *login,
	void (*each)(void *each_context, const char *target), void *each_context)
{
	each(each_context, TARGET);
}

static struct host *host_of(struct transport *transport, const char *initiator)
{
	for (unsigned i = 0; i < transport->host_count; i++)
		if (!strcmp(transport->hosts[i].initiator, initiator))
			return &transport->hosts[i];
	return NULL;
}

static void admit(void *context, const struct portal_login *login, struct portal_admission *ret)
{
	struct transport *transport = context;
	SCOPED_LOCK(&transport->lock);
	if (!host_of(transport, login->initiator))
		ret->status = PORTAL_STATUS_AUTHORIZATION_FAILED;
}

static enum portal_status session_open(
	void *context, const struct portal_login *login, struct portal_session *ret)
{
	struct transport *transport = context;
	SCOPED_LOCK(&transport->lock);
	struct host *host = host_of(transport, login->initiator);
	host->nexus = scsi_nexus_enter(transport->fake->lu, host->name);
	if (!host->nexus)
		return PORTAL_STATUS_OUT_OF_RESOURCES;
	host->nexus->transfer_max = transport->fake->transfer_max;
	ret->cookie = host;
	ret->luns[ret->lun_count++] = (struct portal_lun){0, host->nexus};
	return PORTAL_STATUS_SUCCESS;
}

static void ring(struct transport *transport)
{
	CHECK(eventfd_write(transport->bell_fd, 1) == 0);
}

static void session_closed(void *context, struct portal_session *session, bool quiet)
{
	struct transport *transport = context;
	struct host *host = session->cookie;
	SCOPED_LOCK(&transport->lock);
	scsi_nexus_leave(host->nexus);
	host->nexus = NULL;
	ring(transport);
}

static const struct portal_backend backend = {
	.targets = targets, .admit = admit, .open = session_open, .closed = session_closed};

/* ---- hosts ----------------------------------------------------------------------------------- */

static struct scsi_nexus *nexus_of(struct transport *transport, struct host *host)
{
	SCOPED_LOCK(&transport->lock);
	return host->nexus;
}

/* Its session is negotiated in its own way, so that all ways are gone. */
struct scsi_nexus *fake_nexus(struct fake_drive *fake, const char *name)
{
	static unsigned serial;
	struct transport *transport = fake->transport;
	CHECK(transport->host_count < HOSTS_MAX);
	pthread_mutex_lock(&transport->lock);
	struct host *host = &transport->hosts[transport->host_count++];
	snprintf(host->initiator, sizeof host->initiator, "iqn.2026-01.test:host-%u", ++serial);
	snprintf(host->name, sizeof host->name, "%s", name);
	pthread_mutex_unlock(&transport->lock);
	host->wire = wire_create(
		portal_address(transport->portal, 0), TARGET, host->initiator, serial % 8);
	return nexus_of(transport, host);
}

struct scsi_nexus *fake_enter(struct fake_drive *fake, const char *name)
{
	return fake_nexus(fake, name);
}

static struct host *find_host(struct transport *transport, const struct scsi_nexus *nexus)
{
	for (unsigned i = 0; i < transport->host_count; i++)
		if (nexus_of(transport, &transport->hosts[i]) == nexus)
			return &transport->hosts[i];
	fprintf(stderr, "this nexus has no session\n");
	abort();
}

static void wait_for_bell(struct transport *transport)
{
	struct pollfd bell = {.fd = transport->bell_fd, .events = POLLIN};
	eventfd_t count;
	CHECK(poll(&bell, 1, PATIENCE_MS) == 1 && eventfd_read(transport->bell_fd, &count) == 0);
}

static void leave(struct transport *transport, struct host *host)
{
	wire_destroy(host->wire);
	host->wire = NULL;
	while (nexus_of(transport, host))
		wait_for_bell(transport);
}

void fake_leave(struct scsi_nexus *nexus)
{
	struct fake_drive *fake = nexus->lu->library_context;
	leave(fake->transport, find_host(fake->transport, nexus));
}

/* ---- commands -------------------------------------------------------------------------------- */

/* A Data-In of nothing may overflow. */
static uint64_t length_of(const struct fake_command *command, const struct wire_answer *wire)
{
	uint64_t expected = command->cmd.transfer_length;
	CHECK(wire->residual <= (int64_t)expected);
	return wire->residual > 0 ? expected - (uint64_t)wire->residual : expected;
}

static void land(struct fake_command *command, const struct wire_answer *wire)
{
	struct fake_answer *answer = &command->answer;
	CHECK(answer->data[command->cmd.transfer_length] == 0xa5);
	answer->status = (enum scsi_status)wire->status;
	if (answer->status == SCSI_STATUS_CHECK_CONDITION)
		CHECK(sense_decode(wire->sense, wire->sense_length, &answer->sense));
	answer->length = command->cmd.data_in ? length_of(command, wire) : 0;
	answer->done = true;
	command->released = true;
}

static void land_all(struct transport *transport)
{
	struct flight **at = &transport->flights;
	while (*at) {
		struct flight *flight = *at;
		if (!flight->wire.done) {
			at = &flight->next;
			continue;
		}
		land(flight->command, &flight->wire);
		*at = flight->next;
		free(flight);
		transport->flight_count--;
	}
}

/* Sends and receives what there is, once. */
static void serve(struct transport *transport)
{
	struct pollfd fds[1 + HOSTS_MAX] = {{.fd = transport->bell_fd, .events = POLLIN}};
	struct wire *wires[1 + HOSTS_MAX];
	nfds_t count = 1;
	eventfd_t rings;
	for (unsigned i = 0; i < transport->host_count; i++) {
		struct wire *wire = transport->hosts[i].wire;
		if (!wire)
			continue;
		fds[count] = (struct pollfd){.fd = wire_fd(wire), .events = wire_events(wire)};
		wires[count++] = wire;
	}
	CHECK(poll(fds, count, PATIENCE_MS) > 0);
	if (fds[0].revents)
		CHECK(eventfd_read(transport->bell_fd, &rings) == 0);
	for (nfds_t i = 1; i < count; i++)
		if (fds[i].revents)
			wire_serve(wires[i], fds[i].revents);
}

/* Everything is answered, or waits for the test. */
void fake_transport_catch_up(struct fake_drive *fake)
{
	struct transport *transport = fake->transport;
	bool by_hand = fake->manual_library || fake->manual_work;
	for (;;) {
		while (fake_run_parked(fake))
			;
		land_all(transport);
		if (transport->flight_count == 0 ||
			(by_hand && transport->flight_count <= fake_count_parked(fake)))
			return;
		serve(transport);
	}
}

void fake_transport_parked(struct fake_drive *fake)
{
	ring(fake->transport);
}

void fake_transport_send(struct fake_command *command, struct scsi_nexus *nexus, bool out)
{
	struct transport *transport = command->owner->transport;
	struct flight *flight = calloc(1, sizeof *flight);
	fake_note_command(command, nexus);
	*flight = (struct flight){.command = command, .next = transport->flights};
	transport->flights = flight;
	transport->flight_count++;
	wire_send(find_host(transport, nexus)->wire, command->cmd.cdb, command->cmd.cdb_length,
		command->answer.data, command->cmd.transfer_length, out, &flight->wire);
}

/* ---- all of it ------------------------------------------------------------------------------- */

void fake_transport_begin(struct fake_drive *fake)
{
	static const char *const addresses[] = {"127.0.0.1:0"};
	struct transport *transport = calloc(1, sizeof *transport);
	struct portal_config config = {.listen = addresses,
		.listen_count = 1,
		.threads = 1,
		.backend = &backend,
		.context = transport};
	struct error error = {0};
	transport->fake = fake;
	transport->bell_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	pthread_mutex_init(&transport->lock, NULL);
	fake->transport = transport;
	transport->portal = portal_create(&config, &error);
	CHECK(transport->portal && portal_start(transport->portal, &error));
}

void fake_transport_end(struct fake_drive *fake)
{
	struct transport *transport = fake->transport;
	for (unsigned i = 0; i < transport->host_count; i++)
		if (transport->hosts[i].wire)
			leave(transport, &transport->hosts[i]);
	portal_destroy(transport->portal);
	pthread_mutex_destroy(&transport->lock);
	close(transport->bell_fd);
	free(transport);
}
