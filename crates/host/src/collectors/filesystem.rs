//! Sizes of mounted file systems: the list from `/proc/1/mounts`, the numbers from `statvfs`.

use super::Context;
use crate::read::{self, CollectError};
use crate::sheet::Sheet;
use std::collections::HashSet;
use std::path::PathBuf;

/// Kinds that hold no files of their own.
const KINDS_EXCLUDED: [&str; 25] = [
    "autofs",
    "binfmt_misc",
    "bpf",
    "cgroup",
    "cgroup2",
    "configfs",
    "debugfs",
    "devpts",
    "devtmpfs",
    "fusectl",
    "hugetlbfs",
    "iso9660",
    "mqueue",
    "nsfs",
    "overlay",
    "proc",
    "procfs",
    "pstore",
    "rpc_pipefs",
    "securityfs",
    "selinuxfs",
    "squashfs",
    "sysfs",
    "tracefs",
    "erofs",
];
/// Mount points that are left out, with everything below them.
const PLACES_EXCLUDED: [&str; 6] = ["/dev", "/proc", "/run", "/sys", "/mnt", "/media"];
/// Places below which everything is left out.
const BELOW_EXCLUDED: [&str; 2] = ["/var/lib/docker/", "/var/lib/containers/storage/"];

struct Mount {
    device: String,
    point: String,
    kind: String,
    read_only: bool,
}

pub(super) fn collect(context: &Context<'_>, sheet: &mut Sheet) -> Result<(), CollectError> {
    // The mounts of process 1 are the host's; a container may not be allowed to read them.
    let text = read::text(&context.roots.proc.join("1/mounts"))
        .or_else(|_| read::text(&context.roots.proc.join("self/mounts")))?;
    let mut seen = HashSet::new();
    for mount in text.lines().filter_map(mount_of) {
        if is_kept(&mount) && seen.insert((mount.device.clone(), mount.point.clone())) {
            add(context, sheet, &mount);
        }
    }
    Ok(())
}

fn mount_of(line: &str) -> Option<Mount> {
    let mut columns = line.split_ascii_whitespace();
    let (device, point, kind, options) = (columns.next()?, columns.next()?, columns.next()?, columns.next()?);
    // The kernel writes blanks in names as octal numbers.
    let unescaped = |text: &str| text.replace("\\040", " ").replace("\\011", "\t");
    Some(Mount {
        device: unescaped(device),
        point: unescaped(point),
        kind: kind.to_owned(),
        read_only: options.split(',').any(|option| option == "ro"),
    })
}

fn is_kept(mount: &Mount) -> bool {
    let inside =
        |place: &&str| mount.point.strip_prefix(*place).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
    let below = |place: &&str| mount.point.strip_prefix(*place).is_some_and(|rest| !rest.is_empty());
    !KINDS_EXCLUDED.contains(&mount.kind.as_str())
        && !PLACES_EXCLUDED.iter().any(inside)
        && !BELOW_EXCLUDED.iter().any(below)
}

fn add(context: &Context<'_>, sheet: &mut Sheet, mount: &Mount) {
    let labels = [("device", mount.device.as_str()), ("mountpoint", &mount.point), ("fstype", &mount.kind)];
    let path: PathBuf = context.roots.filesystem.join(mount.point.trim_start_matches('/'));
    let statistics = rustix::fs::statvfs(&path);
    let help = "Whether an error occurred while getting statistics for the given device.";
    let failed = f64::from(u8::from(statistics.is_err()));
    sheet.gauge("node_filesystem_device_error", help, &labels, failed);
    let help = "Filesystem read-only status.";
    sheet.gauge("node_filesystem_readonly", help, &labels, f64::from(u8::from(mount.read_only)));
    let Ok(statistics) = statistics else { return };
    let block = statistics.f_frsize as f64;
    let mut gauge = |name, help, value| sheet.gauge(name, help, &labels, value);
    gauge("node_filesystem_size_bytes", "Filesystem size in bytes.", statistics.f_blocks as f64 * block);
    gauge("node_filesystem_free_bytes", "Filesystem free space in bytes.", statistics.f_bfree as f64 * block);
    gauge(
        "node_filesystem_avail_bytes",
        "Filesystem space available to non-root users in bytes.",
        statistics.f_bavail as f64 * block,
    );
    gauge("node_filesystem_files", "Filesystem total file nodes.", statistics.f_files as f64);
    gauge("node_filesystem_files_free", "Filesystem total free file nodes.", statistics.f_ffree as f64);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pseudo_file_systems_are_left_out() {
        let kept = |line: &str| is_kept(&mount_of(line).unwrap());
        assert!(kept("/dev/vda / ext4 rw,relatime 0 0"));
        assert!(kept("tmpfs /tmp tmpfs rw 0 0"));
        assert!(kept("/dev/sdb /var/lib/docker xfs rw 0 0"));
        assert!(kept("/dev/sdc /running ext4 rw 0 0"));
        assert!(!kept("tmpfs /run/user/0 tmpfs rw 0 0"));
        assert!(!kept("overlay /x overlay rw 0 0"));
        assert!(!kept("tmpfs /var/lib/docker/overlay2/a/merged tmpfs rw 0 0"));
    }

    #[test]
    fn blanks_and_options_are_read() {
        let mount = mount_of(r"/dev/sdb1 /data\040of\040mine ext4 rw,nodev,ro 0 0").unwrap();
        assert_eq!((mount.point.as_str(), mount.read_only), ("/data of mine", true));
    }
}
