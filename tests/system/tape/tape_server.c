/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A tape drive with one cartridge, shown through tcmu/transport.h over loopback, or by the portal,
 * until standard input ends or says "quit":
 *
 *	tape_server FILE made|clean|killed|portal
 *
 * made: FILE and backstore are made. clean: both are there, and the last server said "quit"; it
 * leaves the backstore. killed: the last one did not. "remove" quits and takes the backstore away.
 * portal: FILE is there; at the end it says how many sessions were closed quietly.
 * Answers with one line to each: "ok …" or "error SENTENCE (REMEDY)".
 */
#include <semaphore.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "iscsi/portal.h"
#include "pool.h"
#include "scsi/library.h"
#include "ssc/drive.h"
#include "ssc/native.h"
#include "tcmu/transport.h"

#define TARGET "iqn.2026-01.org.example:tape"

enum { CAPACITY_MB = 1024, DATA_AREA_MB = 16, DRAIN_MS = 10000 };

struct server {
	struct pool *pool;
	struct ssc_drive *drive;
	struct scsi_nexus *nexus;
	struct tcmu_transport *transport;
	struct tcmu_device *device;
	struct portal *portal;
	unsigned closed, quiet; /* sessions */
	struct cartridge *out;
	sem_t done; /* loaded or unloaded */
};

/* ---- the library, of which there is none ----------------------------------------------------- */

static void library_request(
	void *context, struct scsi_lu *lu, struct scsi_cmd *cmd, enum library_request request)
{
	if (scsi_cmd_claim(cmd))
		scsi_cmd_finish(cmd, SENSE_NONE);
	scsi_cmd_put(cmd);
}

static void library_event(void *context, struct scsi_lu *lu, enum library_event event)
{
}

static void library_fault(void *context, struct scsi_lu *lu, uint64_t lba)
{
}

static void library_remember(void *context, struct scsi_lu *lu)
{
}

static const struct library_ops library = {.request = library_request,
	.event = library_event,
	.medium_fault = library_fault,
	.remember = library_remember};

/* ---- the drive --------------------------------------------------------------------------------
 */

static struct cartridge *open_cartridge(const char *path, bool make, struct error *error)
{
	const struct ssc_personality *personality = ssc_personality_find("lto-8");
	const struct native_create create = {
		.barcode = "TST001L8",
		.medium = personality->medium,
		.density = personality->density_code,
		.medium_type = personality->medium_type,
		.capacity = (uint64_t)CAPACITY_MB << 20,
		.block_max = personality->block_max,
	};
	if (make && !native_create(&file_store_posix, path, &create, NULL, error))
		return NULL;
	return native_open(&file_store_posix, path, true, NULL, error);
}

static void loaded(void *context)
{
	sem_post(&((struct server *)context)->done);
}

static void unloaded(void *context, struct cartridge *cartridge, int result)
{
	struct server *server = context;
	server->out = cartridge;
	sem_post(&server->done);
}

static bool make_drive(struct server *server, const char *path, bool make, struct error *error)
{
	struct cartridge *cartridge = open_cartridge(path, make, error);
	server->pool = cartridge ? pool_create(2, 2, error) : NULL;
	if (!server->pool)
		return false;
	const struct ssc_drive_config config = {
		.lu = {.name = "tape0",
			.serial = "TAPE0001",
			.library = &library,
			.executor = pool_executor(server->pool),
			.clock = &scsi_clock_monotonic},
		.personality = ssc_personality_find("lto-8"),
	};
	server->drive = ssc_drive_create(&config);
	ssc_drive_load(server->drive, cartridge, false, loaded, server);
	sem_wait(&server->done);
	return true;
}

static bool end_drive(struct server *server)
{
	ssc_drive_unload(server->drive, unloaded, server);
	sem_wait(&server->done);
	bool kept = cart_close(server->out) == 0;
	ssc_drive_destroy(server->drive);
	pool_destroy(server->pool);
	return kept;
}

/* ---- over loopback --------------------------------------------------------------------------- */

static bool show(struct server *server, bool clean, bool *ret_adopted, struct error *error)
{
	server->nexus = scsi_nexus_create(ssc_drive_lu(server->drive), "loopback");
	server->nexus->transfer_max = TCMU_TRANSFER_MAX;
	const struct tcmu_config config = {0};
	const struct tcmu_device_config device = {
		.name = "tape0",
		.serial = "TAPE0001",
		.nexus = server->nexus,
		.data_area_mb = DATA_AREA_MB,
		.data_with_sense = true,
		.clean = clean,
		.reset_action = 2,
	};
	if (!tcmu_available(&config, error))
		return false;
	server->transport = tcmu_transport_create(&config, error);
	if (!server->transport)
		return false;
	server->device = tcmu_device_attach(server->transport, &device, ret_adopted, error);
	return server->device && tcmu_loopback_export(server->device, error);
}

static bool hide(struct server *server, bool remove, struct error *error)
{
	bool hidden = remove ? tcmu_device_remove(server->device, error)
			     : tcmu_device_drain(server->device, DRAIN_MS);
	if (!remove)
		tcmu_device_release(server->device);
	scsi_nexus_destroy(server->nexus);
	tcmu_transport_destroy(server->transport);
	return hidden;
}

/* ---- by the portal --------------------------------------------------------------------------- */

static void targets(void *context, const struct portal_login *login,
	void (*each)(void *each_context, const char *target), void *each_context)
{
	each(each_context, TARGET);
}

static void admit(void *context, const struct portal_login *login, struct portal_admission *ret)
{
	if (login->target && strcmp(login->target, TARGET) != 0)
		ret->status = PORTAL_STATUS_NOT_FOUND;
}

static enum portal_status session_open(
	void *context, const struct portal_login *login, struct portal_session *ret)
{
	struct server *server = context;
	struct scsi_nexus *nexus = scsi_nexus_create(ssc_drive_lu(server->drive), login->initiator);
	if (!nexus)
		return PORTAL_STATUS_OUT_OF_RESOURCES;
	ret->luns[ret->lun_count++] = (struct portal_lun){0, nexus};
	return PORTAL_STATUS_SUCCESS;
}

/* There is one network thread. */
static void session_closed(void *context, struct portal_session *session, bool quiet)
{
	struct server *server = context;
	scsi_nexus_lost(session->luns[0].nexus);
	scsi_nexus_destroy(session->luns[0].nexus);
	server->closed++;
	server->quiet += quiet;
}

static const struct portal_backend backend = {
	.targets = targets, .admit = admit, .open = session_open, .closed = session_closed};

static bool listen_to_hosts(struct server *server, struct error *error)
{
	const char *const address = "127.0.0.1:3260";
	const struct portal_config config = {.listen = &address,
		.listen_count = 1,
		.threads = 1,
		.backend = &backend,
		.context = server};
	server->portal = portal_create(&config, error);
	return server->portal && portal_start(server->portal, error);
}

/* ---- what is asked ----------------------------------------------------------------------------
 */

static int answer(bool ok, const char *what, const struct error *error)
{
	if (ok)
		printf("ok %s\n", what);
	else
		printf("error %s (%s)\n", error->sentence, error->remedy);
	fflush(stdout);
	return !ok;
}

/* The next line of standard input. */
static bool is_asked(const char *what)
{
	char line[64] = "";
	if (!fgets(line, sizeof line, stdin))
		return false;
	line[strcspn(line, "\n")] = '\0';
	return strcmp(line, what) == 0;
}

static int serve_loopback(struct server *server, const char *path, const char *how)
{
	struct error error = {.sentence = "commands are in flight or the cartridge is not closed"};
	bool adopted = false;
	bool ok = make_drive(server, path, strcmp(how, "made") == 0, &error) &&
		  show(server, strcmp(how, "clean") == 0, &adopted, &error);
	if (answer(ok, adopted ? "adopted" : "made", &error))
		return 1;
	ok = hide(server, is_asked("remove"), &error);
	ok &= end_drive(server);
	return answer(ok, "", &error);
}

static int serve_portal(struct server *server, const char *path)
{
	struct error error = {.sentence = "the cartridge is not closed"};
	char sessions[64];
	bool ok = make_drive(server, path, false, &error) && listen_to_hosts(server, &error);
	if (answer(ok, "listening", &error))
		return 1;
	is_asked("quit");
	portal_destroy(server->portal);
	ok = end_drive(server);
	snprintf(sessions, sizeof sessions, "%u of %u quietly", server->quiet, server->closed);
	return answer(ok, sessions, &error);
}

int main(int argc, char **argv)
{
	struct server server = {0};
	if (argc != 3) {
		fprintf(stderr, "usage: tape_server FILE made|clean|killed|portal\n");
		return 2;
	}
	sem_init(&server.done, 0, 0);
	return strcmp(argv[2], "portal") == 0 ? serve_portal(&server, argv[1])
					      : serve_loopback(&server, argv[1], argv[2]);
}
