/* SPDX-License-Identifier: Apache-2.0 */
/* Exports and their sessions, as readers see them. */
#include "export_row.h"
#include "library_private.h"

static bool show(struct library *library, struct target *target, struct library_export *ret)
{
	if (!target)
		return false;
	export_row_show(library, &target->row, ret);
	target_put(&library->targets, target);
	return true;
}

bool library_export_at(struct library *library, unsigned index, struct library_export *ret)
{
	return show(library, targets_at(&library->targets, index), ret);
}

bool library_export_after(struct library *library, const char *after, struct library_export *ret)
{
	return show(library, targets_after(&library->targets, after), ret);
}

bool export_not_found(const char *name, struct error *error)
{
	return error_set(error, ERROR_EXPORT_NOT_FOUND,
		"List the exports with `carousel export ls`.", "there is no export %.64s", name);
}

bool library_export_get(
	struct library *library, const char *name, struct library_export *ret, struct error *error)
{
	struct target *target = targets_find(&library->targets, name);
	if (!target)
		return export_not_found(name, error);
	export_row_show(library, &target->row, ret);
	target_put(&library->targets, target);
	return true;
}

bool library_session_after(struct library *library, const char *export_name, uint64_t after,
	struct library_session *ret)
{
	struct library_session of_kernel;
	bool found = targets_session_after(&library->targets, export_name, after, ret);
	if (!kernel_exports_session_after(&library->kernel, export_name, after, &of_kernel))
		return found;
	if (!found || of_kernel.number < ret->number)
		*ret = of_kernel;
	return true;
}
