use super::*;

fn entries(path: &Path) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(path)
        .unwrap()
        .map(|e| e.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

#[test]
fn replaces_the_old_content_and_leaves_no_other_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.txt");
    write_atomic(&path, b"old").unwrap();
    write_atomic(&path, b"new").unwrap();
    assert_eq!(fs::read(&path).unwrap(), b"new");
    assert_eq!(entries(folder.path()), ["a.txt"]);
}

#[test]
fn dropped_before_commit_it_leaves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let mut file = AtomicFile::create(folder.path().join("a.txt")).unwrap();
    file.write_all(b"half").unwrap();
    drop(file);
    assert!(entries(folder.path()).is_empty());
}

#[test]
fn a_missing_folder_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("none/a.txt");
    let message = write_atomic(&path, b"x").unwrap_err().to_string();
    let folder = folder.path().join("none");
    assert_eq!(
        message,
        format!(
            "cannot write `{}`: the folder `{}` does not exist",
            path.display(),
            folder.display()
        )
    );
}

#[test]
fn a_folder_in_the_way_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let message = write_atomic(folder.path(), b"x").unwrap_err().to_string();
    assert!(
        message.contains("there is a folder of that name"),
        "{message}"
    );
}

#[cfg(unix)]
#[test]
fn a_read_only_folder_gives_an_error_and_keeps_the_old_file() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.txt");
    write_atomic(&path, b"old").unwrap();
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o555)).unwrap();
    let result = write_atomic(&path, b"new");
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
    if fs::metadata("/proc/self").is_ok_and(|me| std::os::unix::fs::MetadataExt::uid(&me) == 0) {
        return eprintln!("skipped: root may write into read-only folders");
    }
    assert!(
        result
            .unwrap_err()
            .to_string()
            .contains("Permission denied")
    );
    assert_eq!(fs::read(&path).unwrap(), b"old");
}

#[cfg(unix)]
mod what_is_there {
    use super::*;
    use std::io::Read;
    use std::os::unix::fs::{FileTypeExt, PermissionsExt, symlink};

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).unwrap().permissions().mode() & 0o7777
    }

    #[test]
    fn a_link_stays_and_its_file_is_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        fs::create_dir(at("far")).unwrap();
        fs::write(at("far/real.csv"), "old").unwrap();
        symlink("far/real.csv", at("link.csv")).unwrap();
        symlink("link.csv", at("again.csv")).unwrap();
        symlink("far/none.csv", at("dangling.csv")).unwrap();
        write_atomic(at("again.csv"), b"new").unwrap();
        write_atomic(at("dangling.csv"), b"made").unwrap();
        assert_eq!(fs::read(at("far/real.csv")).unwrap(), b"new");
        assert_eq!(fs::read(at("far/none.csv")).unwrap(), b"made");
        for link in ["link.csv", "again.csv", "dangling.csv"] {
            assert!(fs::symlink_metadata(at(link)).unwrap().is_symlink());
        }
        assert_eq!(entries(&at("far")), ["none.csv", "real.csv"]);
        symlink("b", at("a")).unwrap();
        symlink("a", at("b")).unwrap();
        let message = write_atomic(at("a"), b"x").unwrap_err().to_string();
        assert!(message.contains("symbolic links"), "{message}");
    }

    #[test]
    fn permissions_of_a_replaced_file_stay() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.csv");
        for wanted in [0o600, 0o640, 0o755] {
            fs::write(&path, "old").unwrap();
            fs::set_permissions(&path, fs::Permissions::from_mode(wanted)).unwrap();
            write_atomic(&path, b"new").unwrap();
            assert_eq!(mode(&path), wanted);
        }
    }

    #[test]
    fn a_named_pipe_is_written_to() {
        let folder = tempfile::tempdir().unwrap();
        let pipe = folder.path().join("pipe");
        let made = std::process::Command::new("mkfifo").arg(&pipe).status();
        assert!(made.unwrap().success());
        let reader = std::thread::spawn({
            let pipe = pipe.clone();
            move || {
                let mut text = String::new();
                File::open(pipe).unwrap().read_to_string(&mut text).unwrap();
                text
            }
        });
        write_atomic(&pipe, b"through").unwrap();
        assert_eq!(reader.join().unwrap(), "through");
        assert!(fs::metadata(&pipe).unwrap().file_type().is_fifo());
        assert_eq!(entries(folder.path()), ["pipe"]);
    }

    /// Through a link, so that not even a mistake here could replace the device itself.
    #[test]
    fn a_full_device_is_an_error_and_stays_a_device() {
        let folder = tempfile::tempdir().unwrap();
        let link = folder.path().join("full");
        symlink("/dev/full", &link).unwrap();
        if !Path::new("/dev/full").exists() {
            return eprintln!("skipped: there is no /dev/full");
        }
        let message = write_atomic(&link, b"x").unwrap_err().to_string();
        assert!(message.contains("No space left on device"), "{message}");
        assert!(
            fs::metadata("/dev/full")
                .unwrap()
                .file_type()
                .is_char_device()
        );
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
    }
}

#[test]
fn partial_files_of_killed_processes_are_removed_and_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let kept = [
        ".aB3dE.partial",
        ".aB3dE67.partial",
        ".a-3dE6.partial",
        "aB3dE6.partial",
        ".partial",
    ];
    for name in kept.iter().chain(&[".aB3dE6.partial", ".000000.partial"]) {
        fs::write(folder.path().join(name), "x").unwrap();
    }
    assert_eq!(remove_partial_files(folder.path()), 2);
    let mut kept = kept.map(str::to_owned);
    kept.sort();
    assert_eq!(entries(folder.path()), kept);
    assert_eq!(remove_partial_files(&folder.path().join("none")), 0);
}

#[test]
fn temporary_files_are_known_while_they_are_there() {
    let folder = tempfile::tempdir().unwrap();
    let ours = || {
        let known = known();
        known
            .iter()
            .filter(|path| path.starts_with(folder.path()))
            .count()
    };
    let file = AtomicFile::create(folder.path().join("a.txt")).unwrap();
    assert_eq!(ours(), 1);
    drop(file);
    assert_eq!(ours(), 0);
    let file = AtomicFile::create(folder.path().join("a.txt")).unwrap();
    file.commit().unwrap();
    assert_eq!(ours(), 0);
}
