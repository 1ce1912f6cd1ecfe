/* SPDX-License-Identifier: Apache-2.0 */
#include "inspect/details_json.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "json_fields.h"
#include "text.h"

/* The parts of an image that are objects of their own, when there is something to say. */
static const struct json_group {
	const char *name;
	size_t present; /* of a bool */
} groups[] = {
	{"iso9660", offsetof(struct image_details, iso9660.found)},
	{"udf", offsetof(struct image_details, udf.found)},
};

/* ---- numbers that have names --------------------------------------------------------------------
 */

typedef const char *name_of(unsigned value);

static json_t *word_or_number(name_of *name, unsigned value)
{
	return name(value) ? json_string(name(value)) : json_integer(value);
}

/* The value in 0 to 255 whose word it is; `fallback` when it is neither word nor number. */
static uint8_t value_of(name_of *name, const json_t *json, uint8_t fallback)
{
	const char *word = json_string_value(json);
	json_int_t number = json_integer_value(json);
	if (json_is_integer(json) && number >= 0 && number <= UINT8_MAX)
		return (uint8_t)number;
	for (unsigned i = 0; word && i <= UINT8_MAX; i++)
		if (name(i) && strcmp(name(i), word) == 0)
			return (uint8_t)i;
	return fallback;
}

static const char *confidence_name(unsigned value)
{
	return os_confidence_name((enum os_confidence)value);
}

static const char *evidence_name(unsigned value)
{
	return os_evidence_name((enum os_evidence)value);
}

/* ---- how it boots ------------------------------------------------------------------------------
 */

static json_t *entry_to_json(const struct boot_entry *entry)
{
	return json_pack("{s:o, s:b, s:o, s:I, s:i}", "platform",
		word_or_number(boot_platform_name, entry->platform), "bootable", entry->bootable,
		"emulation", word_or_number(boot_emulation_name, entry->emulation), "block",
		(json_int_t)entry->block, "sectors", (int)entry->sectors);
}

static json_t *targets_to_json(unsigned targets)
{
	json_t *array = json_array();
	for (unsigned i = 0; i < BOOT_TARGET_COUNT; i++)
		if (targets & 1u << i)
			json_array_append_new(array, json_string(boot_target_badge(i)));
	return array;
}

static json_t *boot_to_json(const struct boot_details *boot)
{
	json_t *catalog = json_array();
	for (unsigned i = 0; i < boot->kept; i++)
		json_array_append_new(catalog, entry_to_json(&boot->entry[i]));
	return json_pack("{s:o, s:o, s:o, s:i, s:o}", "targets", targets_to_json(boot->targets),
		"disk_targets", targets_to_json(boot->disk_targets), "file_targets",
		targets_to_json(boot->file_targets), "entries", (int)boot->entries, "catalog",
		catalog);
}

static uint32_t number_in(const json_t *object, const char *member, uint32_t most)
{
	json_int_t value = json_integer_value(json_object_get(object, member));
	return value >= 0 && value <= most ? (uint32_t)value : 0;
}

static struct boot_entry entry_from_json(const json_t *json)
{
	return (struct boot_entry){
		.platform = value_of(boot_platform_name, json_object_get(json, "platform"), 0xff),
		.emulation =
			value_of(boot_emulation_name, json_object_get(json, "emulation"), 0xff),
		.bootable = json_is_true(json_object_get(json, "bootable")),
		.sectors = (uint16_t)number_in(json, "sectors", UINT16_MAX),
		.block = number_in(json, "block", UINT32_MAX),
	};
}

static unsigned target_from_json(const json_t *json)
{
	const char *badge = json_string_value(json);
	for (unsigned i = 0; badge && i < BOOT_TARGET_COUNT; i++)
		if (strcmp(badge, boot_target_badge(i)) == 0)
			return 1u << i;
	return 0;
}

static unsigned targets_from_json(const json_t *json)
{
	const json_t *target;
	unsigned targets = 0;
	size_t i;
	json_array_foreach(json, i, target) targets |= target_from_json(target);
	return targets;
}

/* A catalog cannot have fewer entries than are kept of it. */
static void boot_from_json(const json_t *json, struct boot_details *ret)
{
	const json_t *catalog = json_object_get(json, "catalog"), *entry;
	size_t i;
	json_array_foreach(
		catalog, i, entry) if (ret->kept < DETAILS_BOOT_ENTRIES && json_is_object(entry))
		ret->entry[ret->kept++] = entry_from_json(entry);
	ret->targets = targets_from_json(json_object_get(json, "targets"));
	ret->disk_targets = targets_from_json(json_object_get(json, "disk_targets"));
	ret->file_targets = targets_from_json(json_object_get(json, "file_targets"));
	ret->entries = number_in(json, "entries", UINT16_MAX);
	if (ret->entries < ret->kept)
		ret->entries = ret->kept;
}

/* ---- the whole ---------------------------------------------------------------------------------
 */

static bool is_boot_said(const struct boot_details *boot)
{
	return boot->targets || boot->disk_targets || boot->file_targets || boot->entries;
}

static void add_os(json_t *json, const struct os_details *os)
{
	json_t *object = json_object_get(json, "os");
	if (os->confidence == OS_UNKNOWN || !object)
		return;
	json_object_set_new(object, "confidence", json_string(confidence_name(os->confidence)));
	json_object_set_new(object, "evidence", json_string(evidence_name(os->evidence)));
}

static void add_revision(json_t *json, const struct udf_details *udf)
{
	char text[16];
	snprintf(text, sizeof text, "%x.%02x", udf->revision >> 8, udf->revision & 0xff);
	if (udf->revision)
		json_object_set_new(json_object_get(json, "udf"), "revision", json_string(text));
}

json_t *image_details_to_json(const struct image_details *details)
{
	json_t *json = json_object();
	for (size_t i = 0; i < sizeof groups / sizeof groups[0]; i++)
		if (*(const bool *)((const char *)details + groups[i].present))
			json_object_set_new(json, groups[i].name, json_object());
	if (details->os.confidence != OS_UNKNOWN)
		json_object_set_new(json, "os", json_object());
	json_fields_add(json, details);
	add_revision(json, &details->udf);
	add_os(json, &details->os);
	if (is_boot_said(&details->boot))
		json_object_set_new(json, "boot", boot_to_json(&details->boot));
	return json;
}

/* "2.50" to 0x0250. */
static uint16_t revision_from_json(const json_t *json)
{
	const char *text = json_string_value(json);
	unsigned major, minor;
	if (!text || sscanf(text, "%2x.%2x", &major, &minor) != 2)
		return 0;
	return (uint16_t)(major << 8 | minor);
}

static void os_from_json(const json_t *json, struct os_details *ret)
{
	uint8_t confidence = value_of(confidence_name, json_object_get(json, "confidence"), 0);
	uint8_t evidence = value_of(evidence_name, json_object_get(json, "evidence"), 0);
	ret->confidence = confidence_name(confidence) ? (enum os_confidence)confidence : OS_UNKNOWN;
	ret->evidence = evidence_name(evidence) ? (enum os_evidence)evidence : OS_EVIDENCE_NONE;
	if (ret->confidence == OS_UNKNOWN)
		*ret = (struct os_details){0};
}

bool image_details_from_json(const json_t *json, struct image_details *ret)
{
	if (!json_is_object(json))
		return false;
	*ret = (struct image_details){0};
	for (size_t i = 0; i < sizeof groups / sizeof groups[0]; i++)
		*(bool *)((char *)ret + groups[i].present) =
			json_is_object(json_object_get(json, groups[i].name));
	json_fields_take(json, ret);
	ret->udf.revision =
		revision_from_json(json_object_get(json_object_get(json, "udf"), "revision"));
	os_from_json(json_object_get(json, "os"), &ret->os);
	boot_from_json(json_object_get(json, "boot"), &ret->boot);
	return true;
}
