/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A passive member of the multicast group on which the kernel announces TCMU devices (generic
 * netlink family TCM-USER, group "config").
 *
 * What is said there is not read: it only says that it is time to look what there is, and so does a
 * message that was lost (ENOBUFS). Somebody must listen anyway: the kernel refuses
 * writes to dev_config, dev_size and emulate_write_cache of a live device with ESRCH while nobody
 * does, and `targetcli restoreconfig` makes such writes. Never answers and never sends
 * SET_FEATURES: that one is global, outlives its sender, and makes the kernel wait for answers
 * without end.
 */
#pragma once

struct netlink;

/* A thread that sleeps until something is said, or is to be looked at again. NULL: not possible
 * here, which nobody minds. */
struct netlink *netlink_create(void);
void netlink_destroy(struct netlink *netlink);

/*
 * From now on `changed` is called by that thread after something was said; once for several
 * messages. NULL: not any more, and it is not running on return. A NULL netlink is allowed.
 */
void netlink_watch(struct netlink *netlink, void (*changed)(void *context), void *context);
/* `changed` is called in so many milliseconds, too; the last call counts. */
void netlink_watch_again(struct netlink *netlink, unsigned milliseconds);
