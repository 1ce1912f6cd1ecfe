/* SPDX-License-Identifier: Apache-2.0 */
/* The surroundings of the stress test: random numbers, queues, medium, workers, library. */
#include "support.h"

#include <unistd.h>

#include <errno.h>

#include "stress.h"
#include "util/cleanup.h"
#include "util/file_io.h"

struct stress stress;

/* All its bytes are `generation`. */
struct stress_medium {
	struct medium medium;
	uint8_t generation;
	atomic_uint reads;
};

static uint64_t random_next(uint64_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state;
}

unsigned random_below(uint64_t *state, unsigned limit)
{
	return (unsigned)((random_next(state) >> 20) % limit);
}

uint64_t random_stream(uintptr_t thread)
{
	uint64_t state = stress.seed * 0x9e3779b97f4a7c15u + (thread + 1) * 0xbf58476d1ce4e5b9u;
	for (int i = 0; i < 4; i++)
		random_next(&state);
	return state | 1;
}

/* ---- queues --------------------------------------------------------------------------------- */

static void queue_init(struct queue *queue)
{
	pthread_mutex_init(&queue->lock, NULL);
	pthread_cond_init(&queue->changed, NULL);
	list_init(&queue->items);
}

static void queue_put(struct queue *queue, struct list *item)
{
	SCOPED_LOCK(&queue->lock);
	list_append(&queue->items, item);
	pthread_cond_signal(&queue->changed);
}

/* NULL when stopped and empty. */
static struct list *queue_take(struct queue *queue)
{
	SCOPED_LOCK(&queue->lock);
	while (list_empty(&queue->items) && !queue->stopped)
		pthread_cond_wait(&queue->changed, &queue->lock);
	return list_pop(&queue->items);
}

void queue_stop(struct queue *queue)
{
	SCOPED_LOCK(&queue->lock);
	queue->stopped = true;
	pthread_cond_broadcast(&queue->changed);
}

/* ---- the medium ----------------------------------------------------------------------------- */

/* Every fourth NOWAIT is a hit, every fourth stops after one block. */
static ssize_t stress_preadv(struct scsi_source *source, const struct iovec *iov, int iov_count,
	uint64_t offset, unsigned flags)
{
	struct stress_medium *medium = container_of(source, struct stress_medium, medium.source);
	unsigned number = atomic_fetch_add(&medium->reads, 1);
	size_t limit = SIZE_MAX, done = 0;
	if (flags & FILE_IO_NOWAIT && number % 4 > 1)
		return -EAGAIN;
	if (flags & FILE_IO_NOWAIT && number % 4 == 1)
		limit = BLOCK;
	for (int i = 0; i < iov_count && done < limit; i++) {
		size_t part = iov[i].iov_len < limit - done ? iov[i].iov_len : limit - done;
		memset(iov[i].iov_base, medium->generation, part);
		done += part;
	}
	return (ssize_t)done;
}

static bool stress_changed(struct scsi_source *source)
{
	CHECK(false); /* no read fails here */
	return true;
}

static void stress_destroy(struct scsi_source *source)
{
	atomic_fetch_sub(&stress.sources, 1);
	free(container_of(source, struct stress_medium, medium.source));
}

static const struct scsi_source_ops stress_source_ops = {
	.preadv = stress_preadv,
	.changed = stress_changed,
	.destroy = stress_destroy,
};

struct medium *insert(uint8_t generation)
{
	struct stress_medium *medium = calloc(1, sizeof *medium);
	CHECK(medium);
	scsi_source_init(&medium->medium.source, &stress_source_ops, generation % 3 == 0);
	medium->generation = generation;
	atomic_fetch_add(&stress.sources, 1);
	return &medium->medium;
}

/* ---- executor and library ------------------------------------------------------------------- */

static void stress_submit(
	struct scsi_executor *executor, struct scsi_work *work, struct scsi_source *source)
{
	CHECK(source);
	queue_put(&stress.works, &work->link);
}

void *worker(void *argument)
{
	struct list *node;
	while ((node = queue_take(&stress.works))) {
		struct scsi_work *work = container_of(node, struct scsi_work, link);
		work->run(work);
	}
	return NULL;
}

static void stress_library_request(
	void *context, struct scsi_lu *lu, struct scsi_cmd *cmd, enum library_request request)
{
	atomic_fetch_add(&stress.requests, 1);
	queue_put(&stress.inbox, &cmd->library_link);
}

static void ignore_page(void *context, const uint8_t *page, size_t length)
{
}

static void save_pages(struct scsi_lu *lu)
{
	scsi_lu_lock(lu);
	scsi_mode_each_savable(lu, ignore_page, NULL);
	scsi_lu_unlock(lu);
	scsi_lu_lock(lu);
	scsi_mode_saved(lu);
	scsi_lu_unlock(lu);
}

static enum scsi_sense_code reserve_persistently(struct scsi_cmd *cmd)
{
	struct scsi_lu *lu = cmd->nexus->lu;
	struct scsi_persistent_change *change = calloc(1, sizeof *change);
	CHECK(change);
	enum scsi_sense_code code = scsi_persistent_begin(lu, cmd, change);
	if (code == SENSE_NONE) {
		usleep(200); /* it commits */
		code = scsi_persistent_end(lu, cmd, change, true);
		atomic_fetch_add(&stress.reserved, 1);
	}
	free(change);
	return code;
}

void *library(void *argument)
{
	struct list *node;
	while ((node = queue_take(&stress.inbox))) {
		struct scsi_cmd *cmd = container_of(node, struct scsi_cmd, library_link);
		if (scsi_cmd_claim(cmd)) {
			enum scsi_sense_code code = SENSE_NONE;
			if (cmd->library_request == LIBRARY_SAVE_MODE_PAGES)
				save_pages(cmd->nexus->lu);
			if (cmd->library_request == LIBRARY_PERSISTENT_RESERVE)
				code = reserve_persistently(cmd);
			if (code != SCSI_PENDING)
				scsi_cmd_finish(cmd, code);
		}
		scsi_cmd_put(cmd);
	}
	return NULL;
}

static void stress_event(void *context, struct scsi_lu *lu, enum library_event event)
{
	if (event != LIBRARY_EVENT_DRAINED)
		return;
	SCOPED_LOCK(&stress.drain_lock);
	stress.drain_events++;
	pthread_cond_signal(&stress.drained);
}

static void stress_fault(void *context, struct scsi_lu *lu, uint64_t lba)
{
	CHECK(false); /* the medium is sound */
}

static void stress_remember(void *context, struct scsi_lu *lu)
{
	uint8_t record[4096];
	CHECK(scsi_told_encode(lu, record, sizeof record) > 0);
}

static const struct library_ops stress_library = {
	.request = stress_library_request,
	.event = stress_event,
	.medium_fault = stress_fault,
	.remember = stress_remember,
};

void stress_init(void)
{
	const char *seed = getenv("STRESS_SEED");
	stress.seed = seed ? strtoull(seed, NULL, 0) : 1;
	queue_init(&stress.works);
	queue_init(&stress.inbox);
	pthread_mutex_init(&stress.drain_lock, NULL);
	pthread_mutex_init(&stress.recent_lock, NULL);
	pthread_cond_init(&stress.drained, NULL);
	stress.drive.executor.submit = stress_submit;
	scsi_lu_init(&stress.drive.lu, &(struct scsi_lu_config){
					       .type = &test_type,
					       .personality = &test_personality,
					       .name = "dvd0",
					       .serial = "SN0001",
					       .library = &stress_library,
					       .executor = &stress.drive.executor,
				       });
	for (int i = 0; i < NEXUSES; i++) {
		stress.nexuses[i] =
			scsi_nexus_create(&stress.drive.lu, (const char[]){(char)('a' + i), 0});
		assert_non_null(stress.nexuses[i]);
	}
	stress.drive.medium = insert(0);
}
