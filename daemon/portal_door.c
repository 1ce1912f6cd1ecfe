/* SPDX-License-Identifier: Apache-2.0 */
/* What the portal asks: which targets there are, who may log in, and what a session reaches. */
#include "portal_door.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "access.h"
#include "bounded_log.h"
#include "iscsi/portal.h"
#include "library_private.h"
#include "log.h"
#include "util/cleanup.h"

struct portal_door {
	struct library *library;
	struct portal *portal;
	unsigned listen_count;
	struct bounded_log log;
};

static void door_log(void *context, const char *line)
{
	struct portal_door *door = context;
	bounded_log(&door->log, LOG_LEVEL_INFO, "portal: %s", line);
}

/* ---- logging in ------------------------------------------------------------------------------ */

/* As far as names of nexuses need it; initiators are not always strict about the rest. */
static bool is_name(const char *text)
{
	const char *c = text;
	while (*c > ' ' && *c < 0x7f && *c != ',' && *c != '@')
		c++;
	return c > text && *c == '\0';
}

static const char *refusal(
	struct library *library, const struct target *target, const struct portal_login *login)
{
	struct targets_policy policy = targets_policy(&library->targets);
	if (!is_name(login->initiator))
		return "its name is no iSCSI name";
	return target_refuses(&policy, &target->row, login->initiator, login->address);
}

static void door_targets(void *context, const struct portal_login *login,
	void (*each)(void *each_context, const char *target), void *each_context)
{
	struct portal_door *door = context;
	struct targets *targets = &door->library->targets;
	struct target *target;
	for (unsigned i = 0; (target = targets_at(targets, i)); i++) {
		if (!target->row.kernel && !refusal(door->library, target, login))
			each(each_context, target->row.target);
		target_put(targets, target);
	}
}

/* The target, if it is there and this initiator may see it; else NULL and why. */
static struct target *admitted(
	struct portal_door *door, const struct portal_login *login, enum portal_status *ret_status)
{
	struct targets *targets = &door->library->targets;
	struct target *target = targets_find_by_target(targets, login->target);
	if (!target || target->row.kernel) {
		target_put(targets, target);
		*ret_status = PORTAL_STATUS_NOT_FOUND;
		return NULL;
	}
	const char *why = refusal(door->library, target, login);
	if (!why)
		return target;
	bounded_log(&door->log, LOG_LEVEL_WARNING, "portal: %s at %s may not log in to %s: %s",
		login->initiator, login->address, target->row.name, why);
	target_put(targets, target);
	*ret_status = PORTAL_STATUS_AUTHORIZATION_FAILED;
	return NULL;
}

_Static_assert((int)CATALOG_SECRET_MAX <= (int)PORTAL_SECRET_MAX,
	"a secret of the catalog fits the portal");

static void copy_secret(char ret[PORTAL_SECRET_MAX], const char *text)
{
	snprintf(ret, PORTAL_SECRET_MAX, "%s", text);
}

static void door_admit(
	void *context, const struct portal_login *login, struct portal_admission *ret)
{
	struct portal_door *door = context;
	if (!login->target) /* discovery: each target decides for itself whether it is listed */
		return;
	struct target *target = admitted(door, login, &ret->status);
	if (!target)
		return;
	ret->chap = target->row.chap_user[0] != '\0';
	copy_secret(ret->user, target->row.chap_user);
	copy_secret(ret->secret, target->row.chap_secret);
	copy_secret(ret->own_user, target->row.mutual_user);
	copy_secret(ret->own_secret, target->row.mutual_secret);
	target_put(&door->library->targets, target);
}

/* ---- a session ------------------------------------------------------------------------------- */

static void describe(struct library_session *about, const struct target *target,
	const struct portal_login *login)
{
	const uint8_t *isid = login->isid;
	snprintf(about->export, sizeof about->export, "%s", target->row.name);
	snprintf(about->initiator, sizeof about->initiator, "%s", login->initiator);
	access_iscsi_name_normalize(about->initiator); /* one name, one nexus */
	snprintf(about->address, sizeof about->address, "%s", login->address);
	snprintf(about->isid, sizeof about->isid, "0x%02x%02x%02x%02x%02x%02x", isid[0], isid[1],
		isid[2], isid[3], isid[4], isid[5]);
	about->since = time(NULL);
}

/* "INITIATOR,i,0xISID@EXPORT": where the ISID's digits begin. */
static size_t isid_at(const char *name)
{
	const char *mark = strstr(name, ",i,0x");
	return mark ? (size_t)(mark - name) + strlen(",i,0x") : strlen(name);
}

/*
 * The same initiator at the same export, but for an ISID that both made up at random (RFC
 * 7143 11.12.5, type 10b): libiscsi, which QEMU logs in with, makes up a new one each time it
 * reconnects.
 */
static bool is_kin(const char *known, const char *name)
{
	static const char random_digits[] = "89ab";
	size_t at = isid_at(known), end = at + 2u * PORTAL_ISID_LENGTH;
	if (strlen(known) <= end || strlen(known) != strlen(name))
		return false;
	return strncmp(known, name, at) == 0 && strcmp(known + end, name + end) == 0 &&
	       strchr(random_digits, known[at]) && strchr(random_digits, name[at]);
}

/* One nexus per LUN. False: out of memory, or this initiator is here already. drives_lock held. */
static bool enter_units(struct library *library, struct target_session *session,
	const struct target *target, const struct portal_login *login, struct portal_session *ret)
{
	char name[SCSI_NEXUS_NAME_MAX];
	struct scsi_port port;
	const struct library_session *about = &session->about;
	scsi_port_iscsi(&port, about->initiator, login->isid, target->row.port);
	snprintf(name, sizeof name, "%s,i,%s@%s", about->initiator, about->isid, about->export);
	for (unsigned i = 0; i < target->row.lun_count; i++) {
		const struct catalog_export_lun *lun = &target->row.luns[i];
		struct drive *drive = drive_find(library, lun->drive);
		if (!drive || drive->going)
			continue;
		struct scsi_nexus *nexus = scsi_nexus_enter_kin(drive->lu, name, is_kin);
		if (!nexus)
			return false;
		scsi_nexus_set_port(nexus, &port);
		scsi_nexus_set_target_name(nexus, target->row.target, TARGET_PORTAL_GROUP);
		drive->sessions++;
		session->units[session->count].drive = drive;
		session->units[session->count++].nexus = nexus;
		ret->luns[ret->lun_count++] =
			(struct portal_lun){.number = lun->lun, .nexus = nexus};
	}
	return true;
}

/* The drives may go after that. */
static void leave_units(struct library *library, struct target_session *session, bool quiet)
{
	void (*leave)(struct scsi_nexus * nexus) = quiet ? scsi_nexus_suspend : scsi_nexus_leave;
	for (unsigned i = 0; i < session->count; i++)
		leave(session->units[i].nexus);
	SCOPED_LOCK(&library->drives_lock);
	for (unsigned i = 0; i < session->count; i++)
		drive_session_left(session->units[i].drive);
}

static enum portal_status open_target(struct portal_door *door, const struct target *target,
	const struct portal_login *login, struct portal_session *ret)
{
	struct library *library = door->library;
	struct target_session *session =
		calloc(1, sizeof *session + target->row.lun_count * sizeof session->units[0]);
	if (!session)
		return PORTAL_STATUS_OUT_OF_RESOURCES;
	describe(&session->about, target, login);
	pthread_mutex_lock(&library->drives_lock);
	bool entered = enter_units(library, session, target, login, ret);
	pthread_mutex_unlock(&library->drives_lock);
	if (!entered || !targets_add_session(&library->targets, session)) {
		leave_units(library, session, false);
		free(session);
		ret->lun_count = 0;
		return PORTAL_STATUS_OUT_OF_RESOURCES;
	}
	ret->cookie = session;
	bounded_log(&door->log, LOG_LEVEL_INFO, "portal: %s at %s logged in to %s",
		login->initiator, login->address, target->row.name);
	return PORTAL_STATUS_SUCCESS;
}

/* What it was asked to prove is what the export asks for now. */
static bool asks_the_same(const struct catalog_export *row, const struct portal_admission *asked)
{
	return strcmp(row->chap_user, asked->user) == 0 &&
	       strcmp(row->chap_secret, asked->secret) == 0 &&
	       strcmp(row->mutual_user, asked->own_user) == 0 &&
	       strcmp(row->mutual_secret, asked->own_secret) == 0;
}

/* Rules and secrets may have changed since it was admitted. */
static enum portal_status door_open(
	void *context, const struct portal_login *login, struct portal_session *ret)
{
	struct portal_door *door = context;
	enum portal_status status;
	struct target *target = admitted(door, login, &status);
	if (!target)
		return status;
	status = asks_the_same(&target->row, login->admission)
			 ? open_target(door, target, login, ret)
			 : PORTAL_STATUS_AUTHENTICATION_FAILED;
	target_put(&door->library->targets, target);
	return status;
}

static void door_closed(void *context, struct portal_session *portal_session, bool quiet)
{
	struct portal_door *door = context;
	struct target_session *session = portal_session->cookie;
	targets_remove_session(&door->library->targets, session);
	leave_units(door->library, session, quiet);
	bounded_log(&door->log, LOG_LEVEL_INFO, "portal: %s at %s left %s",
		session->about.initiator, session->about.address, session->about.export);
	free(session);
}

static const struct portal_backend backend = {
	.targets = door_targets,
	.admit = door_admit,
	.open = door_open,
	.closed = door_closed,
};

/* ---- made and gone --------------------------------------------------------------------------- */

bool portal_door_is_built(void)
{
	return true;
}

struct portal_door *portal_door_create(
	struct library *library, const struct portal_settings *settings, struct error *error)
{
	struct portal_door *door = calloc(1, sizeof *door);
	if (!door) {
		error_set(
			error, ERROR_NO_MEMORY, "Free some memory and try again.", "out of memory");
		return NULL;
	}
	door->library = library;
	door->listen_count = settings->listen_count;
	bounded_log_init(&door->log, library->config.clock);
	struct portal_config config = {
		.listen = settings->listen,
		.listen_count = settings->listen_count,
		.limits = {.sessions = settings->sessions},
		.backend = &backend,
		.context = door,
		.log = door_log,
	};
	door->portal = portal_create(&config, error);
	if (door->portal)
		return door;
	portal_door_destroy(door);
	return NULL;
}

bool portal_door_start(struct portal_door *door, struct error *error)
{
	return portal_start(door->portal, error);
}

void portal_door_stop(struct portal_door *door)
{
	if (door)
		portal_stop(door->portal);
}

void portal_door_destroy(struct portal_door *door)
{
	if (!door)
		return;
	portal_destroy(door->portal);
	bounded_log_finish(&door->log);
	free(door);
}

void portal_door_close(struct portal_door *door, const char *target)
{
	if (door)
		portal_close_target(door->portal, target);
}

void portal_door_addresses(struct portal_door *door, char *ret, size_t size)
{
	size_t length = 0;
	ret[0] = '\0';
	for (unsigned i = 0; door && i < door->listen_count; i++) {
		const char *address = portal_address(door->portal, i);
		if (length + strlen(address) + 2 > size)
			return; /* half an address is none */
		length += (size_t)snprintf(
			ret + length, size - length, "%s%s", i ? " " : "", address);
	}
}
