/* SPDX-License-Identifier: Apache-2.0 */
#include <limits.h>
#include <string.h>

#include "catalog/catalog.h"
#include "query.h"
#include "util/cleanup.h"

static bool has_barcode_characters(const char *text)
{
	return text[strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789")] == 0;
}

bool catalog_barcode_valid(const char *barcode)
{
	return barcode[0] && strlen(barcode) < CATALOG_BARCODE_MAX &&
	       has_barcode_characters(barcode);
}

/*
 * ":" is what follows "9", so the range on the index is what begins with the prefix and a digit.
 * Numbers need not all have the same width: the highest is not always the last.
 */
static bool highest_number(struct catalog *catalog, const char *prefix, const char *suffix,
	int64_t *ret, struct error *error)
{
	static const char sql[] =
		"WITH numbered (suffix, number) AS ("
		"SELECT substr(barcode, length(barcode) - length(?2) + 1), "
		"substr(barcode, length(?1) + 1, length(barcode) - length(?1) - length(?2)) "
		"FROM media WHERE barcode <> '' AND barcode >= ?1 || '0' AND barcode < ?1 || ':' "
		"AND length(barcode) > length(?1) + length(?2)) "
		"SELECT max(CAST(number AS INTEGER)) FROM numbered "
		"WHERE suffix = ?2 AND number NOT GLOB '*[^0-9]*'";
	_cleanup_(query_finish) struct query q = {0};
	query_init(&q, catalog, sql);
	query_bind_text(&q, prefix);
	query_bind_text(&q, suffix);
	if (query_row(&q))
		*ret = query_take_int(&q);
	return query_ok(&q, error);
}

bool catalog_barcode_last(struct catalog *catalog, const char *prefix, const char *suffix,
	unsigned *ret_highest, struct error *error)
{
	int64_t highest = 0;
	if (!has_barcode_characters(prefix) || !has_barcode_characters(suffix))
		return error_set(error, ERROR_INVALID, "Use A-Z and 0-9.",
			"barcodes cannot be \"%.32s\", a number, \"%.32s\"", prefix, suffix);
	if (!highest_number(catalog, prefix, suffix, &highest, error))
		return false;
	/* CAST makes the largest integer of what is larger. */
	if (highest > UINT_MAX)
		return error_set(error, ERROR_INVALID, "Use another prefix.",
			"barcodes of %.32s and %.32s have numbers above %u already", prefix, suffix,
			UINT_MAX);
	*ret_highest = (unsigned)highest;
	return true;
}
