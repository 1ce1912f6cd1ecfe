/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sessions by name, of all threads: who takes the place of whom (RFC 7143 6.3.5). A session that is
 * entered has a connection, so that it may be poked under the lock.
 */
#include "connection.h"
#include "network.h"
#include "session.h"
#include "util/cleanup.h"

/* Upper and lower case are the same in iSCSI names (RFC 3722). */
static bool same_nexus(const struct session *a, const struct session *b)
{
	return !a->discovery && !b->discovery && !memcmp(a->isid, b->isid, sizeof a->isid) &&
	       !strcasecmp(a->initiator, b->initiator) && !strcasecmp(a->target, b->target);
}

static struct session *find_former(struct portal *portal, const struct session *session)
{
	list_for_each (node, &portal->sessions) {
		struct session *other = container_of(node, struct session, registered);
		if (same_nexus(other, session))
			return other;
	}
	return NULL;
}

static bool tsih_in_use(struct portal *portal, uint16_t tsih)
{
	list_for_each (node, &portal->sessions)
		if (container_of(node, struct session, registered)->tsih == tsih)
			return true;
	return tsih == 0;
}

static void enter(struct portal *portal, struct session *session)
{
	do
		portal->last_tsih++;
	while (tsih_in_use(portal, portal->last_tsih));
	session->tsih = portal->last_tsih;
	session->entered = true;
	list_append(&portal->sessions, &session->registered);
	portal->session_count++;
}

enum registry_result registry_enter(struct session *session)
{
	struct portal *portal = session->portal;
	SCOPED_LOCK(&portal->registry_lock);
	struct session *former = find_former(portal, session);
	if (former) {
		/* Of several that wait, the last one is who the initiator is now. */
		if (former->successor)
			connection_poke(former->successor, POKE_CLOSE);
		former->successor = session->connection;
		connection_poke(former->connection, POKE_CLOSE);
		return REGISTRY_WAIT;
	}
	if (portal->session_count >= portal->limits.sessions)
		return REGISTRY_FULL;
	enter(portal, session);
	return REGISTRY_ENTERED;
}

void registry_leave(struct session *session)
{
	struct portal *portal = session->portal;
	SCOPED_LOCK(&portal->registry_lock);
	if (!session->entered)
		return;
	session->entered = false;
	list_remove(&session->registered);
	portal->session_count--;
	if (session->successor)
		connection_poke(session->successor, POKE_RESUME);
	session->successor = NULL;
}

void registry_forget(struct portal *portal, const struct connection *connection)
{
	SCOPED_LOCK(&portal->registry_lock);
	list_for_each (node, &portal->sessions) {
		struct session *session = container_of(node, struct session, registered);
		if (session->successor == connection)
			session->successor = NULL;
	}
}

void registry_close_target(
	struct portal *portal, const char *target, const struct session *except, enum poke poke)
{
	SCOPED_LOCK(&portal->registry_lock);
	list_for_each (node, &portal->sessions) {
		struct session *session = container_of(node, struct session, registered);
		if (session != except && !strcasecmp(session->target, target))
			connection_poke(session->connection, poke);
	}
}

void portal_close_target(struct portal *portal, const char *target)
{
	registry_close_target(portal, target, NULL, POKE_DROP);
}

unsigned portal_session_count(struct portal *portal)
{
	SCOPED_LOCK(&portal->registry_lock);
	return portal->session_count;
}
