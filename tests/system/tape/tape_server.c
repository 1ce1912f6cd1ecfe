/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A tape drive with one cartridge, shown through tcmu/transport.h over loopback, until standard
 * input ends or says "quit":
 *
 *	tape_server FILE made|clean|killed
 *
 * made: FILE and backstore are made. clean: both are there, and the last server said "quit"; it
 * leaves the backstore. killed: the last one did not. "remove" quits and takes the backstore away.
 * Answers with one line to each: "ok …" or "error SENTENCE (REMEDY)".
 */
#include <semaphore.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pool.h"
#include "scsi/library.h"
#include "ssc/drive.h"
#include "ssc/native.h"
#include "tcmu/transport.h"

enum { CAPACITY_MB = 1024, DATA_AREA_MB = 16, DRAIN_MS = 10000 };

struct server {
	struct pool *pool;
	struct ssc_drive *drive;
	struct scsi_nexus *nexus;
	struct tcmu_transport *transport;
	struct tcmu_device *device;
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
	server->nexus = scsi_nexus_create(ssc_drive_lu(server->drive), "loopback");
	server->nexus->transfer_max = TCMU_TRANSFER_MAX;
	ssc_drive_load(server->drive, cartridge, false, loaded, server);
	sem_wait(&server->done);
	return true;
}

static bool show(struct server *server, bool clean, bool *ret_adopted, struct error *error)
{
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
	if (remove)
		return tcmu_device_remove(server->device, error);
	bool drained = tcmu_device_drain(server->device, DRAIN_MS);
	tcmu_device_release(server->device);
	return drained;
}

static bool end_drive(struct server *server)
{
	ssc_drive_unload(server->drive, unloaded, server);
	sem_wait(&server->done);
	bool kept = cart_close(server->out) == 0;
	scsi_nexus_destroy(server->nexus);
	ssc_drive_destroy(server->drive);
	pool_destroy(server->pool);
	return kept;
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

int main(int argc, char **argv)
{
	struct server server = {0};
	struct error error = {.sentence = "commands are in flight or the cartridge is not closed"};
	bool adopted = false;
	char line[64] = "";
	if (argc != 3) {
		fprintf(stderr, "usage: tape_server FILE made|clean|killed\n");
		return 2;
	}
	sem_init(&server.done, 0, 0);
	bool ok = make_drive(&server, argv[1], strcmp(argv[2], "made") == 0, &error) &&
		  show(&server, strcmp(argv[2], "clean") == 0, &adopted, &error);
	if (answer(ok, adopted ? "adopted" : "made", &error))
		return 1;
	if (!fgets(line, sizeof line, stdin))
		line[0] = '\0';
	ok = hide(&server, strcmp(line, "remove\n") == 0, &error);
	ok &= end_drive(&server);
	tcmu_transport_destroy(server.transport);
	return answer(ok, "", &error);
}
