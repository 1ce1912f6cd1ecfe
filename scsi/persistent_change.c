/* SPDX-License-Identifier: Apache-2.0 */
/* What each service action of PERSISTENT RESERVE OUT does to a copy (SPC-4 5.12, 6.16). */
#include "persistent_private.h"
#include "scsi/lu.h"

enum { LU_SCOPE = 0, SPEC_I_PT_BYTE = 20, SPEC_I_PT_BIT = 3, IDS_BYTE = 28, ACTION_KEY_BYTE = 8 };

/* ---- REGISTER ---------------------------------------------------------------------------------
 */

/* Who is registered already stays as it is. */
static bool add_port(struct scsi_persistent *next, const struct scsi_port *port, uint64_t key)
{
	return scsi_persistent_find(next, port) || persistent_add(next, port, key);
}

/* Every port of the initiator device that the logical unit knows. `ret_found`: there are any. */
static bool add_known(struct scsi_persistent *next, const struct list *nexuses,
	const struct scsi_port *device, uint64_t key, bool *ret_found)
{
	list_for_each (node, nexuses) {
		const struct scsi_nexus *nexus = container_of(node, struct scsi_nexus, link);
		if (!scsi_port_belongs_to(&nexus->port, device))
			continue;
		*ret_found = true;
		if (!add_port(next, &nexus->port, key))
			return false;
	}
	return true;
}

static enum scsi_sense_code add_named(const struct persistent_request *request, size_t at,
	const struct scsi_port *named, struct scsi_persistent *next)
{
	const struct scsi_lu *lu = request->cmd->nexus->lu;
	bool found = false;
	if (!scsi_port_is_device(named))
		return add_port(next, named, request->action_key)
			       ? SENSE_NONE
			       : SENSE_INSUFFICIENT_REGISTRATIONS;
	if (!add_known(next, &lu->nexuses, named, request->action_key, &found) ||
		!add_known(next, &lu->dormant, named, request->action_key, &found))
		return SENSE_INSUFFICIENT_REGISTRATIONS;
	return found ? SENSE_NONE : scsi_invalid_parameter(request->cmd, (unsigned)at, 7);
}

/* SPEC_I_PT: all of them, or none. */
static enum scsi_sense_code add_ports(
	const struct persistent_request *request, struct scsi_persistent *next)
{
	for (size_t at = 0; at < request->ids_length;) {
		struct scsi_port port;
		size_t length = scsi_port_parse(
			request->ids + at, request->ids_length - at, request->port->target, &port);
		if (length == 0)
			return scsi_invalid_parameter(request->cmd, (unsigned)(IDS_BYTE + at), 7);
		enum scsi_sense_code code = add_named(request, IDS_BYTE + at, &port, next);
		if (code != SENSE_NONE)
			return code;
		at += length;
	}
	return SENSE_NONE;
}

static enum scsi_sense_code add_registration(
	const struct persistent_request *request, struct scsi_persistent *next)
{
	if (!persistent_add(next, request->port, request->action_key))
		return SENSE_INSUFFICIENT_REGISTRATIONS;
	return add_ports(request, next);
}

static enum scsi_sense_code change_registration(const struct persistent_request *request,
	struct scsi_persistent *next, struct scsi_registration *own)
{
	if (request->names_ports)
		return scsi_invalid_parameter(request->cmd, SPEC_I_PT_BYTE, SPEC_I_PT_BIT);
	if (request->action_key == 0)
		persistent_remove(next, own);
	else
		own->key = request->action_key;
	return SENSE_NONE;
}

/* SPC-4 5.12.7. To unregister without being registered is GOOD and changes nothing. */
static enum scsi_sense_code register_key(
	const struct persistent_request *request, struct scsi_persistent *next)
{
	struct scsi_registration *own = scsi_persistent_find(next, request->port);
	bool ignore = request->action == PERSISTENT_REGISTER_AND_IGNORE;
	if (!ignore && request->key != (own ? own->key : 0))
		return SCSI_RESERVATION_CONFLICT;
	if (!own && request->action_key == 0)
		return SENSE_NONE;
	enum scsi_sense_code code =
		own ? change_registration(request, next, own) : add_registration(request, next);
	next->aptpl = request->aptpl;
	next->generation++;
	return code;
}

/* ---- RESERVE, RELEASE, CLEAR ------------------------------------------------------------------
 */

static enum scsi_sense_code check_scope_and_type(const struct persistent_request *request)
{
	if (request->scope != LU_SCOPE)
		return scsi_invalid_cdb(request->cmd, 2, 7);
	if (!persistent_is_type(request->type))
		return scsi_invalid_cdb(request->cmd, 2, 3);
	return SENSE_NONE;
}

static void take_reservation(
	struct scsi_persistent *next, struct scsi_registration *own, unsigned type)
{
	next->type = (uint8_t)type;
	own->holder = !persistent_for_all(type);
}

/* The holder that asks for what it has got has it (SPC-4 5.12.9). */
static enum scsi_sense_code reserve(const struct persistent_request *request,
	struct scsi_persistent *next, struct scsi_registration *own)
{
	enum scsi_sense_code code = check_scope_and_type(request);
	if (code != SENSE_NONE)
		return code;
	if (next->type == PERSISTENT_NONE)
		take_reservation(next, own, request->type);
	else if (next->type != request->type || !scsi_persistent_holds(next, own))
		return SCSI_RESERVATION_CONFLICT;
	return SENSE_NONE;
}

/* Who holds nothing releases nothing, and that is GOOD (SPC-4 5.12.11.2.1). */
static enum scsi_sense_code release(const struct persistent_request *request,
	struct scsi_persistent *next, struct scsi_registration *own)
{
	if (next->type == PERSISTENT_NONE || !scsi_persistent_holds(next, own))
		return SENSE_NONE;
	if (request->scope != LU_SCOPE || request->type != next->type)
		return SENSE_INVALID_RELEASE;
	next->type = PERSISTENT_NONE;
	own->holder = false;
	return SENSE_NONE;
}

static enum scsi_sense_code clear(struct scsi_persistent *next)
{
	next->count = 0;
	next->type = PERSISTENT_NONE;
	next->generation++;
	return SENSE_NONE;
}

/* ---- PREEMPT ----------------------------------------------------------------------------------
 */

/* SERVICE ACTION RESERVATION KEY names the holder: the reservation changes hands. */
static bool takes_over(const struct persistent_request *request, const struct scsi_persistent *next)
{
	if (persistent_for_all(next->type))
		return request->action_key == 0;
	for (unsigned i = 0; i < next->count; i++)
		if (next->rows[i].holder)
			return next->rows[i].key == request->action_key;
	return false;
}

/* Those with the key, or all when it is 0; `spared` may be NULL. Returns how many. */
static unsigned remove_by_key(
	struct scsi_persistent *next, uint64_t key, const struct scsi_port *spared)
{
	unsigned removed = 0;
	for (unsigned i = next->count; i-- > 0;) {
		struct scsi_registration *row = &next->rows[i];
		if ((key != 0 && row->key != key) ||
			(spared && scsi_port_equal(&row->port, spared)))
			continue;
		persistent_remove(next, row);
		removed++;
	}
	return removed;
}

static enum scsi_sense_code take_over(
	const struct persistent_request *request, struct scsi_persistent *next)
{
	enum scsi_sense_code code = check_scope_and_type(request);
	if (code != SENSE_NONE)
		return code;
	remove_by_key(next, request->action_key, request->port);
	struct scsi_registration *own = scsi_persistent_find(next, request->port);
	take_reservation(next, own, request->type);
	next->generation++;
	return SENSE_NONE;
}

/*
 * SPC-4 5.12.11.4 when the reservation changes hands, who preempts itself keeping its registration;
 * else 5.12.11.5: registrations go, and its own goes too when it has that key.
 */
static enum scsi_sense_code preempt(
	const struct persistent_request *request, struct scsi_persistent *next)
{
	if (request->action_key == 0 && !persistent_for_all(next->type))
		return scsi_invalid_parameter(request->cmd, ACTION_KEY_BYTE, 7);
	if (takes_over(request, next))
		return take_over(request, next);
	if (remove_by_key(next, request->action_key, NULL) == 0)
		return SCSI_RESERVATION_CONFLICT;
	next->generation++;
	return SENSE_NONE;
}

/* ---- all of them ------------------------------------------------------------------------------
 */

enum scsi_sense_code persistent_apply(
	const struct persistent_request *request, struct scsi_persistent *next)
{
	if (request->action == PERSISTENT_REGISTER ||
		request->action == PERSISTENT_REGISTER_AND_IGNORE)
		return register_key(request, next);
	struct scsi_registration *own = scsi_persistent_find(next, request->port);
	if (!own || own->key != request->key)
		return SCSI_RESERVATION_CONFLICT;
	switch (request->action) {
	case PERSISTENT_RESERVE:
		return reserve(request, next, own);
	case PERSISTENT_RELEASE:
		return release(request, next, own);
	case PERSISTENT_CLEAR:
		return clear(next);
	default:
		return preempt(request, next);
	}
}
