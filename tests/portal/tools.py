#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""tools.py CAROUSELD: what iscsi-ls, iscsi-inq and iscsi-readcapacity16 see of the daemon.
Exit status 77 when they are not installed."""
import shutil
import subprocess
import sys

import servers


def expect(wanted, *command):
    seen = subprocess.run([command[0], "-i", servers.INITIATOR, *command[1:]], text=True, check=True,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=servers.PATIENCE).stdout
    for text in wanted:
        assert text in seen, f"no {text!r} in what {' '.join(command)} says:\n{seen}"


def main():
    for tool in ("iscsi-ls", "iscsi-inq", "iscsi-readcapacity16"):
        if not shutil.which(tool):
            print(tool, "is not installed")
            return 77
    with servers.Daemon(sys.argv[1]) as server:
        portal = f"iscsi://{server.address}"
        drive = f"{portal}/{servers.TARGET}/0"
        expect([f"Target:{servers.TARGET} Portal:{server.address},1"], "iscsi-ls", portal)
        expect(["Lun:0", "Type:MMC"], "iscsi-ls", "-s", portal)
        expect(["Peripheral Qualifier:CONNECTED", "Peripheral Device Type:MMC", "Removable:1", "Vendor:CAROUSEL"],
               "iscsi-inq", drive)
        expect(["SUPPORTED_VPD_PAGES", "UNIT_SERIAL_NUMBER", "DEVICE_IDENTIFICATION"],
               "iscsi-inq", "-e", "1", "-c", "0", drive)
        expect([f"RETURNED LOGICAL BLOCK ADDRESS:{server.blocks - 1}\n", "LOGICAL BLOCK LENGTH IN BYTES:2048\n",
                f"Total size:{server.blocks * servers.BLOCK}\n"], "iscsi-readcapacity16", drive)
    return 0


sys.exit(main())
