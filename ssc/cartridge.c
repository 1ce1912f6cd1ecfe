/* SPDX-License-Identifier: Apache-2.0 */
/* The wrappers: what every implementation may rely on. */
#include "ssc/cartridge.h"

#include <assert.h>
#include <errno.h>

void cart_status(const struct cartridge *cartridge, struct cartridge_status *ret)
{
	cartridge->ops->status(cartridge, ret);
}

int cart_read(struct cartridge *cartridge, uint64_t object, void *buffer, uint32_t capacity,
	struct cartridge_object *ret)
{
	return cartridge->ops->read(cartridge, object, buffer, capacity, ret);
}

int cart_read_at_hand(struct cartridge *cartridge, uint64_t object, void *buffer, uint32_t capacity,
	struct cartridge_object *ret)
{
	return cartridge->ops->read_at_hand
		       ? cartridge->ops->read_at_hand(cartridge, object, buffer, capacity, ret)
		       : -EAGAIN;
}

int cart_append(struct cartridge *cartridge, uint64_t object, const void *block, uint32_t length,
	enum cartridge_compression compression)
{
	assert(length >= 1 && length <= cartridge->block_max);
	return cartridge->ops->append(cartridge, object, block, length, compression);
}

int cart_append_filemarks(struct cartridge *cartridge, uint64_t object, uint32_t count)
{
	return count ? cartridge->ops->append_filemarks(cartridge, object, count) : 0;
}

int cart_erase(struct cartridge *cartridge, uint64_t object)
{
	return cartridge->ops->erase(cartridge, object);
}

int cart_commit(struct cartridge *cartridge, bool synchronous)
{
	return cartridge->ops->commit(cartridge, synchronous);
}

int cart_filemarks_before(struct cartridge *cartridge, uint64_t object, uint64_t *ret)
{
	return cartridge->ops->filemarks_before(cartridge, object, ret);
}

int cart_find_filemark(struct cartridge *cartridge, uint64_t ordinal, uint64_t *ret_object)
{
	return cartridge->ops->find_filemark(cartridge, ordinal, ret_object);
}

int cart_get_attributes(struct cartridge *cartridge, const uint8_t **ret, size_t *ret_length)
{
	return cartridge->ops->get_attributes(cartridge, ret, ret_length);
}

int cart_set_attributes(struct cartridge *cartridge, const void *data, size_t length)
{
	return cartridge->ops->set_attributes(cartridge, data, length);
}

int cart_reopen(struct cartridge *cartridge)
{
	return cartridge->ops->reopen(cartridge);
}

int cart_close(struct cartridge *cartridge)
{
	return cartridge ? cartridge->ops->close(cartridge) : 0;
}
