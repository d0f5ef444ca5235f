//! The crates depend downwards only, and only where the architecture says so.

use std::process::Command;

#[test]
fn arrows_point_down() {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--no-deps", "--format-version=1", "--offline"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    let metadata: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let allowed = [
        ("elman-kernels", vec![]),
        ("elman-data", vec![]),
        ("elman", vec!["elman-data", "elman-kernels"]),
        ("elman-lessons", vec!["elman", "elman-data"]),
        (
            "elman-cli",
            vec!["elman", "elman-data", "elman-fuzz", "elman-lessons"], // elman-fuzz: its tests
        ),
        ("elman-fuzz", vec!["elman", "elman-data"]),
    ];
    let packages = metadata["packages"].as_array().unwrap();
    assert_eq!(
        packages.len(),
        allowed.len(),
        "a new crate needs its place in the architecture"
    );
    for package in packages {
        let name = package["name"].as_str().unwrap();
        let (_, allowed) = allowed.iter().find(|(known, _)| *known == name).unwrap();
        for dependency in package["dependencies"].as_array().unwrap() {
            let dependency = dependency["name"].as_str().unwrap();
            let ours = dependency.starts_with("elman");
            assert!(
                !ours || allowed.contains(&dependency),
                "{name} must not depend on {dependency}"
            );
            let burn = dependency.starts_with("burn");
            assert!(
                !burn || ["elman", "elman-lessons"].contains(&name),
                "{name} must do without {dependency}"
            );
        }
    }
}
