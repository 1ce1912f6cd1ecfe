/* SPDX-License-Identifier: Apache-2.0 */
#include "tape_alerts.h"

#define CRITICAL    "critical"
#define WARNING     "warning"
#define INFORMATION "information"

/*
 * The names are those of SSC-3 and later; that they and the severities are the same elsewhere was
 * seen in CTA and sg_logs (names) and in the flag tables of Quantum's and Veeam's manuals (both).
 * 28h to 2Eh were a changer's, and are obsolete; 2Fh to 31h came late, to be about encryption and
 * capacity, and no two sources agree on how grave they are.
 */
static const struct tape_alert alerts[TAPE_ALERTS] = {
	{"Read warning", WARNING},
	{"Write warning", WARNING},
	{"Hard error", WARNING},
	{"Medium", CRITICAL},
	{"Read failure", CRITICAL},
	{"Write failure", CRITICAL},
	{"Medium life", WARNING},
	{"Not data grade", WARNING},
	{"Write protect", CRITICAL},
	{"Volume removal prevented", INFORMATION},
	{"Cleaning volume", INFORMATION},
	{"Unsupported format", INFORMATION},
	{"Recoverable mechanical cartridge failure", CRITICAL},
	{"Unrecoverable mechanical cartridge failure", CRITICAL},
	{"Memory chip in cartridge failure", WARNING},
	{"Forced eject", CRITICAL},
	{"Read only format", WARNING},
	{"Tape directory corrupted on load", WARNING},
	{"Nearing medium life", INFORMATION},
	{"Cleaning required", CRITICAL},
	{"Cleaning requested", WARNING},
	{"Expired cleaning volume", CRITICAL},
	{"Invalid cleaning volume", CRITICAL},
	{"Retension requested", WARNING},
	{"Multi-port interface error on a primary port", WARNING},
	{"Cooling fan failure", WARNING},
	{"Power supply failure", WARNING},
	{"Power consumption", WARNING},
	{"Drive preventive maintenance required", WARNING},
	{"Hardware A", CRITICAL},
	{"Hardware B", CRITICAL},
	{"Primary interface", WARNING},
	{"Eject volume", CRITICAL},
	{"Microcode update fail", WARNING},
	{"Drive humidity", WARNING},
	{"Drive temperature", WARNING},
	{"Drive voltage", WARNING},
	{"Predictive failure", CRITICAL},
	{"Diagnostics required", WARNING},
	{"Obsolete (28h)", NULL},
	{"Obsolete (29h)", NULL},
	{"Obsolete (2Ah)", NULL},
	{"Obsolete (2Bh)", NULL},
	{"Obsolete (2Ch)", NULL},
	{"Obsolete (2Dh)", NULL},
	{"Obsolete (2Eh)", NULL},
	{"External data encryption control - communication failure", NULL},
	{"External data encryption control - key manager returned an error", NULL},
	{"Diminished native capacity", NULL},
	{"Lost statistics", WARNING},
	{"Tape directory invalid at unload", WARNING},
	{"Tape system area write failure", CRITICAL},
	{"Tape system area read failure", CRITICAL},
	{"No start of data", CRITICAL},
	{"Loading or threading failure", CRITICAL},
	{"Unrecoverable unload failure", CRITICAL},
	{"Automation interface failure", CRITICAL},
	{"Microcode failure", WARNING},
	{"WORM volume - integrity check failed", WARNING},
	{"WORM volume - overwrite attempted", WARNING},
	{"Reserved (3Dh)", NULL},
	{"Reserved (3Eh)", NULL},
	{"Reserved (3Fh)", NULL},
	{"Reserved (40h)", NULL},
};

const struct tape_alert *tape_alert(unsigned flag)
{
	return &alerts[flag - 1];
}

json_t *shape_tape_alerts(uint64_t flags)
{
	json_t *list = json_array();
	for (unsigned flag = 1; flag <= TAPE_ALERTS; flag++)
		if (flags >> (flag - 1) & 1)
			json_array_append_new(
				list, json_pack("{s:i, s:s, s:s?}", "flag", (int)flag, "name",
					      tape_alert(flag)->name, "severity",
					      tape_alert(flag)->severity));
	return list;
}
