/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Exports devices of a small type of its own through tcmu/transport.h, as it is told on standard
 * input, one line each; answers with one line, "ok …" or "error SENTENCE".
 *
 *	attach NAME clean|killed DATA_AREA_MB	"ok made" or "ok adopted"
 *	export NAME, address NAME, drain NAME, release NAME, remove NAME
 *	orphans [KEEP…]				"ok N"
 *	hold, go				from now on START STOP UNIT and READ BUFFER are not
 *						answered, or are again
 *	lose NAME [MILLISECONDS]		I_T nexus loss, now or later: ends what is held
 *
 * and what exports_iscsi.c has, of targets in the kernel's own iSCSI.
 *
 *	quit					releases what is attached
 *
 * A device that fails is told on its own line, "failed NAME: REASON".
 */
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "scsi/library.h"
#include "scsi/lu.h"
#include "scsi/mode.h"
#include "exports.h"
#include "scsi/spc.h"

enum { UNITS_MAX = 8, WORDS_MAX = 16 };

struct tcmu_transport *transport;
static struct unit units[UNITS_MAX];
static atomic_bool hold;

/* ---- the device type ----------------------------------------------------------------------- */

static enum scsi_sense_code start_stop(struct scsi_cmd *cmd)
{
	if (atomic_load(&hold))
		return scsi_library_request(cmd, LIBRARY_TRAY_OPEN);
	return SENSE_NONE;
}

enum { ALWAYS = OPCODE_WITHOUT_MEDIUM | OPCODE_SKIPS_ATTENTION | OPCODE_DESPITE_RESERVATION };

/* clang-format off */
static const struct scsi_opcode rows[] = {
	{"TEST UNIT READY", 0x00, SCSI_ANY_ACTION, SCSI_NO_DATA, ALWAYS,
		{0x00}, scsi_test_unit_ready},
	{"REQUEST SENSE", 0x03, SCSI_ANY_ACTION, SCSI_DATA_IN, ALWAYS,
		{0x03, 0x01, 0, 0, 0xff}, scsi_request_sense},
	{"INQUIRY", 0x12, SCSI_ANY_ACTION, SCSI_DATA_IN, ALWAYS,
		{0x12, 0x01, 0xff, 0xff, 0xff}, scsi_inquiry},
	{"START STOP UNIT", 0x1b, SCSI_ANY_ACTION, SCSI_NO_DATA, ALWAYS,
		{0x1b, 0x01, 0, 0, 0xf3}, start_stop},
	{"READ BUFFER", 0x3c, SCSI_ANY_ACTION, SCSI_DATA_IN, ALWAYS,
		{0x3c, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff}, start_stop},
};
/* clang-format on */

static const struct scsi_mode_page mode_pages[] = {{0}};

static const struct scsi_vpd_page vpd_pages[] = {
	{0x80, scsi_vpd_unit_serial},
	{0x83, scsi_vpd_identification},
	{0},
};

static void nothing_added(struct scsi_nexus *nexus)
{
}

static enum scsi_sense_code always_ready(struct scsi_cmd *cmd)
{
	return SENSE_NONE;
}

static void nothing_to_reset(struct scsi_lu *lu)
{
}

static const struct scsi_device_type type = {
	.name = "exports",
	.peripheral_type = 0x05,
	.removable = true,
	.opcodes = {rows, sizeof rows / sizeof rows[0]},
	.mode_pages = mode_pages,
	.vpd_pages = vpd_pages,
	.nexus_added = nothing_added,
	.refresh = nothing_added,
	.ready = always_ready,
	.reset = nothing_to_reset,
};

static const struct scsi_personality personality = {
	.name = "exports",
	.vendor = "CAROUSEL",
	.product = "Exports",
	.revision = "1",
	.version = 0x06,
};

/* ---- its surroundings ---------------------------------------------------------------------- */

/* Held: nobody takes it up. */
static void library_request(
	void *context, struct scsi_lu *lu, struct scsi_cmd *cmd, enum library_request request)
{
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

static const struct library_ops library = {
	.request = library_request,
	.event = library_event,
	.medium_fault = library_fault,
	.remember = library_remember,
};

/* Nothing is read from a medium. */
static void submit(
	struct scsi_executor *executor, struct scsi_work *work, struct scsi_source *source)
{
	abort();
}

static struct scsi_executor executor = {.submit = submit};

/* ---- what is asked ------------------------------------------------------------------------- */

static void unit_init(struct unit *unit, const char *name)
{
	char serial[SCSI_SERIAL_MAX];
	snprintf(unit->name, sizeof unit->name, "%s", name);
	snprintf(serial, sizeof serial, "EXPORTS-%.16s", name);
	scsi_lu_init(&unit->lu, &(struct scsi_lu_config){
					.type = &type,
					.personality = &personality,
					.name = unit->name,
					.serial = serial,
					.library = &library,
					.executor = &executor,
				});
	unit->nexus = scsi_nexus_create(&unit->lu, "loopback");
}

static void unit_finish(struct unit *unit)
{
	scsi_nexus_destroy(unit->nexus);
	scsi_lu_finish(&unit->lu);
	memset(unit, 0, sizeof *unit);
}

struct unit *unit_find(const char *name)
{
	for (int i = 0; i < UNITS_MAX; i++) {
		if (units[i].device && strcmp(units[i].name, name) == 0)
			return &units[i];
	}
	return NULL;
}

static struct unit *unit_free(void)
{
	for (int i = 0; i < UNITS_MAX; i++) {
		if (!units[i].device)
			return &units[i];
	}
	return NULL;
}

void answer(bool ok, const char *what, const struct error *error)
{
	if (ok)
		printf("ok %s\n", what);
	else
		printf("error %s (%s)\n", error->sentence, error->remedy);
}

static void attach(char *const *words)
{
	struct error error = {0};
	bool adopted = false;
	struct unit *unit = unit_free();
	if (!unit) {
		printf("error no place for more than %d units\n", UNITS_MAX);
		return;
	}
	unit_init(unit, words[1]);
	const struct tcmu_device_config config = {
		.name = unit->name,
		.serial = unit->lu.serial,
		.nexus = unit->nexus,
		.data_area_mb = (unsigned)atoi(words[3]),
		.clean = strcmp(words[2], "clean") == 0,
		.context = unit,
		.reset_action = 1,
	};
	unit->device = tcmu_device_attach(transport, &config, &adopted, &error);
	answer(unit->device, adopted ? "adopted" : "made", &error);
	if (!unit->device)
		unit_finish(unit);
}

static void release(struct unit *unit)
{
	tcmu_device_release(unit->device);
	unit_finish(unit);
}

static void remove_unit(struct unit *unit)
{
	struct error error = {0};
	bool ok = tcmu_device_remove(unit->device, &error);
	if (ok)
		unit_finish(unit);
	answer(ok, "", &error);
}

struct loss {
	struct unit *unit;
	unsigned milliseconds;
};

static void *lose_later(void *context)
{
	struct loss *loss = context;
	usleep(loss->milliseconds * 1000);
	scsi_nexus_lost(loss->unit->nexus);
	free(loss);
	return NULL;
}

static void lose(struct unit *unit, const char *milliseconds)
{
	pthread_t thread;
	struct loss *loss = calloc(1, sizeof *loss);
	*loss = (struct loss){unit, milliseconds ? (unsigned)atoi(milliseconds) : 0};
	if (milliseconds && pthread_create(&thread, NULL, lose_later, loss) == 0)
		pthread_detach(thread);
	else
		lose_later(loss);
	answer(true, "", NULL);
}

static void ask_unit(struct unit *unit, const char *what)
{
	struct error error = {.sentence = "failed"};
	char address[64] = "";
	if (strcmp(what, "export") == 0) {
		answer(tcmu_loopback_export(unit->device, &error), "", &error);
	} else if (strcmp(what, "address") == 0) {
		bool ok = tcmu_loopback_address(unit->device, address, sizeof address);
		answer(ok, address, &error);
	} else if (strcmp(what, "drain") == 0) {
		answer(tcmu_device_drain(unit->device, 2000), "", &error);
	} else if (strcmp(what, "release") == 0) {
		release(unit);
		answer(true, "", NULL);
	} else if (strcmp(what, "remove") == 0) {
		remove_unit(unit);
	}
}

static void ask_one(char **words)
{
	struct unit *unit = words[1] ? unit_find(words[1]) : NULL;
	if (strcmp(words[0], "attach") == 0 && words[1] && words[2] && words[3]) {
		attach(words);
	} else if (strcmp(words[0], "orphans") == 0) {
		printf("ok %u\n", tcmu_remove_orphans(transport, (const char *const *)words + 1));
	} else if (strcmp(words[0], "hold") == 0 || strcmp(words[0], "go") == 0) {
		atomic_store(&hold, strcmp(words[0], "hold") == 0);
		printf("ok\n");
	} else if (ask_iscsi(words)) {
		return;
	} else if (unit && strcmp(words[0], "lose") == 0) {
		lose(unit, words[2]);
	} else if (unit) {
		ask_unit(unit, words[0]);
	} else {
		printf("error no such unit or request\n");
	}
}

static void ask(char **words)
{
	ask_one(words);
	fflush(stdout);
}

static void failed(void *context, const char *reason)
{
	const struct unit *unit = context;
	printf("failed %s: %s\n", unit->name, reason);
	fflush(stdout);
}

static bool start(void)
{
	const struct tcmu_config config = {.failed = failed};
	struct error error = {0};
	if (tcmu_available(&config, &error))
		transport = tcmu_transport_create(&config, &error);
	answer(transport, "ready", &error);
	fflush(stdout);
	return transport;
}

static void stop(void)
{
	for (int i = 0; i < UNITS_MAX; i++) {
		if (units[i].device)
			release(&units[i]);
	}
	tcmu_transport_destroy(transport);
	printf("ok\n");
}

int main(void)
{
	char line[2048];
	if (!start())
		return 1;
	while (fgets(line, sizeof line, stdin) && strcmp(line, "quit\n") != 0) {
		char *words[WORDS_MAX + 1] = {NULL}, *rest = line, *word;
		int count = 0;
		while (count < WORDS_MAX && (word = strsep(&rest, " \n"))) {
			if (*word)
				words[count++] = word;
		}
		if (count)
			ask(words);
	}
	stop();
	return 0;
}
