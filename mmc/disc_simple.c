/* SPDX-License-Identifier: Apache-2.0 */
#include "disc_simple.h"

#include <stdlib.h>

#include "profile.h"
#include "util/list.h"

struct disc_simple {
	struct disc disc;
	struct disc_track track;
	struct disc_extent extent;
};

static void simple_destroy(struct disc *disc)
{
	struct disc_simple *simple = container_of(disc, struct disc_simple, disc);
	scsi_source_put(simple->extent.source);
	free(simple);
}

struct disc *disc_simple_create(
	struct scsi_source *source, uint32_t blocks, enum mmc_profile profile)
{
	struct disc_simple *simple = calloc(1, sizeof *simple);
	if (!simple) {
		scsi_source_put(source);
		return NULL;
	}
	simple->track = (struct disc_track){
		.number = 1, .session = 1, .control = 4, .data_mode = 1, .blocks = blocks};
	simple->extent = (struct disc_extent){.blocks = blocks, .source = source};
	simple->disc = (struct disc){
		.profile = profile,
		.session_count = 1,
		.track_count = 1,
		.tracks = &simple->track,
		.extent_count = 1,
		.extents = &simple->extent,
		.lead_out = blocks,
		.layers = mmc_profile_layers(profile, blocks),
		.destroy = simple_destroy,
	};
	atomic_init(&simple->disc.references, 1);
	return &simple->disc;
}
