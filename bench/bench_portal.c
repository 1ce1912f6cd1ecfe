/* SPDX-License-Identifier: Apache-2.0 */
#include "bench_portal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "iscsi/portal.h"

static void targets(void *context, const struct portal_login *login,
	void (*each)(void *each_context, const char *target), void *each_context)
{
	each(each_context, ((struct bench_portal *)context)->target);
}

static void admit(void *context, const struct portal_login *login, struct portal_admission *ret)
{
	if (login->target && strcmp(login->target, ((struct bench_portal *)context)->target))
		ret->status = PORTAL_STATUS_NOT_FOUND;
}

static enum portal_status open_session(
	void *context, const struct portal_login *login, struct portal_session *ret)
{
	struct bench_portal *bench = context;
	for (unsigned i = 0; i < bench->lun_count; i++) {
		struct scsi_nexus *nexus = scsi_nexus_create(bench->luns[i], login->initiator);
		if (!nexus)
			abort();
		ret->luns[ret->lun_count++] = (struct portal_lun){(uint16_t)i, nexus};
	}
	return PORTAL_STATUS_SUCCESS;
}

static void closed(void *context, struct portal_session *session, bool quiet)
{
	for (unsigned i = 0; i < session->lun_count; i++) {
		scsi_nexus_lost(session->luns[i].nexus);
		scsi_nexus_destroy(session->luns[i].nexus);
	}
}

static const struct portal_backend backend = {
	.targets = targets, .admit = admit, .open = open_session, .closed = closed};

void bench_portal_serve(struct bench_portal *bench)
{
	const char *const listen = "127.0.0.1:0";
	struct error error = {0};
	struct portal_config config = {
		.listen = &listen, .listen_count = 1, .backend = &backend, .context = bench};
	struct portal *portal = portal_create(&config, &error);
	if (!portal || !portal_start(portal, &error)) {
		fprintf(stderr, "%s\n", error.sentence);
		exit(1);
	}
	printf("%s %d\n", portal_address(portal, 0), getpid());
	fflush(stdout);
	while (getchar() != EOF)
		;
	portal_destroy(portal);
}
