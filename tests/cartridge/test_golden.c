/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A cartridge of format version 1 with compressed blocks stays readable for ever, whatever the
 * compressors make today, and can be written on. CAROUSEL_GOLDEN is the directory; with --write it
 * is made anew, which is right only for a new version of the format.
 */
#include "support.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "fixture.h"
#include "tape_model.h"

static const char name[] = "cartridge-1-packed.tape";

struct life {
	struct power_store store;
	struct model model;
	struct fixture_world world;
	struct cartridge *cartridge;
};

static void must(int result)
{
	if (result == 0)
		return;
	fprintf(stderr, "golden: %s\n", strerror(-result));
	abort();
}

static void open_again(struct life *l)
{
	if (l->cartridge)
		must(cart_close(l->cartridge));
	l->cartridge = native_open(&l->store.store, "x", true, &l->world.world, NULL);
	must(l->cartridge ? 0 : -EIO);
}

static uint64_t eod(const struct life *l)
{
	return l->model.states[model_present(&l->model)].eod;
}

static void append(struct life *l, uint64_t object, unsigned count)
{
	for (unsigned i = 0; i < count; i++)
		must(model_append(
			&l->model, l->cartridge, object + i, 1 + i * 61 % 260, 1 + i % 2));
}

/* An overwrite, an erase, two openings and a full node of the index. */
static void live(struct life *l)
{
	memset(l, 0, sizeof *l);
	power_store_init(&l->store);
	model_init(&l->model, 42);
	fixture_world_init(&l->world, 42);
	must(native_create(&l->store.store, "x", &fixture_small, &l->world.world, NULL) ? 0 : -EIO);
	open_again(l);
	append(l, 0, 75);
	must(model_append_filemarks(&l->model, l->cartridge, eod(l), 2));
	must(model_set_attributes(&l->model, l->cartridge));
	must(model_commit(&l->model, l->cartridge, true));
	append(l, 70, 20);
	must(model_commit(&l->model, l->cartridge, false));
	open_again(l);
	append(l, eod(l), 3);
	must(model_erase(&l->model, l->cartridge, eod(l) - 1));
	must(model_append_filemarks(&l->model, l->cartridge, eod(l), 1));
	must(model_commit(&l->model, l->cartridge, true));
	must(cart_close(l->cartridge));
	l->cartridge = NULL;
}

static void finish(struct life *l)
{
	power_store_finish(&l->store);
	model_finish(&l->model);
}

static FILE *open_golden(const char *mode)
{
	char path[512];
	const char *directory = getenv("CAROUSEL_GOLDEN");
	snprintf(path, sizeof path, "%s/%s", directory ? directory : ".", name);
	FILE *file = fopen(path, mode);
	if (!file)
		perror(path);
	return file;
}

/* In the place of what was just written. */
static void read_golden(struct power_store *ret)
{
	power_store_finish(ret);
	power_store_init(ret);
	FILE *file = open_golden("rb");
	assert_non_null(file);
	fseek(file, 0, SEEK_END);
	power_store_resize(ret, (uint64_t)ftell(file));
	rewind(file);
	assert_int_equal(fread(ret->bytes, 1, ret->size, file), ret->size);
	fclose(file);
	ret->exists = true;
}

static void must_agree(struct life *l)
{
	char reason[MODEL_REASON_MAX];
	if (!model_agrees(&l->model, l->cartridge, reason))
		fail_msg("%s", reason);
}

static void test_it_is_read(void **state)
{
	struct life l;
	live(&l);
	read_golden(&l.store);
	open_again(&l);
	must_agree(&l);
	assert_int_equal(cart_close(l.cartridge), 0);
	finish(&l);
}

static void test_it_can_be_written_on(void **state)
{
	struct life l;
	live(&l);
	read_golden(&l.store);
	open_again(&l);
	append(&l, 40, 90);
	open_again(&l);
	must_agree(&l);
	assert_int_equal(cart_close(l.cartridge), 0);
	finish(&l);
}

static int write_it(void)
{
	struct life l;
	live(&l);
	FILE *file = open_golden("wb");
	bool ok = file && fwrite(l.store.bytes, 1, l.store.size, file) == l.store.size;
	ok = file && fclose(file) == 0 && ok;
	finish(&l);
	return ok ? 0 : 1;
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_it_is_read),
		cmocka_unit_test(test_it_can_be_written_on),
	};
	if (argc == 2 && strcmp(argv[1], "--write") == 0)
		return write_it();
	return cmocka_run_group_tests_name("cartridge/golden", tests, NULL, NULL);
}
