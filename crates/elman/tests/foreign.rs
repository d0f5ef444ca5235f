//! Weights that other programs wrote. The files of PyTorch are made by `golden/vision.py`.

use burn::tensor::DType;
use elman::weights::TensorFile;
use std::io::Write;
use std::path::{Path, PathBuf};

fn golden(file: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/golden")
        .join(file)
}

/// What is read of a file of these bytes.
fn read(name: &str, bytes: &[u8]) -> Result<TensorFile, String> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    std::fs::write(&path, bytes).unwrap();
    TensorFile::read_foreign(&path).map_err(|error| error.to_string())
}

/// The tensors of the state dict that both files hold.
fn assert_small(file: &TensorFile) {
    let names: Vec<&str> = file.tensors.keys().map(String::as_str).collect();
    // Neither the count of batches nor what the optimizer remembers.
    assert_eq!(
        names,
        ["brain", "double", "half", "part", "single", "turned"]
    );
    let assert = |name: &str, shape: &[usize], expected: &[f32]| {
        let data = &file.tensors[name];
        assert_eq!(data.dtype(), DType::F32, "{name}");
        assert_eq!(data.shape().as_slice(), shape, "{name}");
        assert_eq!(data.iter::<f32>().collect::<Vec<_>>(), expected, "{name}");
    };
    assert("single", &[2, 3], &[-0.5, -0.25, 0.0, 0.25, 0.5, 0.75]);
    assert("half", &[2, 3], &[0.0, 0.125, 0.25, 0.375, 0.5, 0.625]);
    assert("brain", &[2, 3], &[1.0, 4.0, 7.0, 10.0, 13.0, 16.0]);
    assert("turned", &[3, 2], &[0.0, 6.0, 2.0, 8.0, 4.0, 10.0]);
    assert("part", &[2], &[40.0, 50.0]);
    let double = &file.tensors["double"];
    assert_eq!(double.dtype(), DType::F64);
    let thirds: Vec<f64> = (0..6).map(|k| f64::from(k) / 3.0).collect();
    assert_eq!(double.iter::<f64>().collect::<Vec<_>>(), thirds);
}

#[test]
fn what_torch_saved_comes_back() {
    for name in ["small.pth", "legacy.pth"] {
        assert_small(&TensorFile::read_foreign(&golden(name)).unwrap());
    }
    // The bytes say what it is, whatever the name.
    let bytes = std::fs::read(golden("small.pth")).unwrap();
    assert_small(&read("weights", &bytes).unwrap());
    assert_small(&read("weights.safetensors", &bytes).unwrap());
}

#[test]
fn what_is_no_file_of_pytorch_is_refused_with_what_to_do() {
    let says = |name: &str, bytes: &[u8], parts: &[&str]| {
        let message = read(name, bytes).unwrap_err();
        for part in parts {
            assert!(message.contains(part), "{name}: {part}: {message}");
        }
    };
    let pytorch = ["cannot be read as a file of PyTorch", "torch.save"];
    says("text.pth", b"epoch,loss\n1,0.5\n", &pytorch);
    says("empty.pt", b"", &pytorch);
    says(
        "text.safetensors",
        b"epoch,loss\n1,0.5\n",
        &["not a whole safetensors file"],
    );
    let big = std::fs::read(golden("big_endian.pth")).unwrap();
    says("big.pth", &big, &["ig-endian"]);
    // An archive of something else: nothing but its end.
    let archive = [b"PK\x05\x06".as_slice(), &[0; 18]].concat();
    says("archive.pth", &archive, &["data.pkl"]);
    // A list: pickled by Python, with no tensors.
    says("list.pth", b"\x80\x02]q\x00K\x01a.", &["dictionary"]);
    says(
        "dict.pth",
        b"\x80\x02}q\x00X\x01\x00\x00\x00aK\x01s.",
        &["no tensors"],
    );
    // os.system("…"), which nothing calls.
    let folder = tempfile::tempdir().unwrap();
    let command_ran = folder.path().join("ran");
    let command = format!("cos\nsystem\n(S'touch {}'\ntR.", command_ran.display());
    says(
        "code.pth",
        &[b"\x80\x02".as_slice(), command.as_bytes()].concat(),
        &pytorch,
    );
    assert!(!command_ran.exists(), "nothing in a file is called");
    let missing = TensorFile::read_foreign("no such.pth".as_ref()).unwrap_err();
    assert!(
        missing.to_string().starts_with("cannot read `"),
        "{missing}"
    );
}

#[test]
fn a_tensor_that_is_larger_than_its_file_is_refused() {
    let whole = std::fs::read(golden("legacy.pth")).unwrap();
    // The shape and the strides of the transposed tensor, (3, 2) and (1, 3): as (255, 255) and (0, 0), of what is stored.
    let shape = b"K\x03K\x02\x86";
    let at = whole.windows(5).position(|found| found == shape).unwrap();
    let mut large = whole.clone();
    large[at + 1] = 255;
    large[at + 3] = 255;
    let strides = whole[at..]
        .windows(4)
        .position(|found| found == b"K\x01K\x03");
    let strides = at + strides.unwrap();
    large[strides + 1] = 0;
    large[strides + 3] = 0;
    let message = read("large.pth", &large).unwrap_err();
    assert!(
        message.contains("[255, 255]") && message.contains("bytes of weights"),
        "{message}"
    );
}

#[test]
fn no_damage_to_a_file_panics() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("damaged.pth");
    for name in ["small.pth", "legacy.pth"] {
        let whole = std::fs::read(golden(name)).unwrap();
        for length in (0..whole.len()).step_by(7) {
            std::fs::write(&path, &whole[..length]).unwrap();
            let found = TensorFile::read_foreign(&path);
            assert!(found.is_err(), "{name} cut at {length}");
        }
        for position in (0..whole.len()).step_by(2) {
            let mut damaged = whole.clone();
            damaged[position] ^= 1 << (position / 2 * 5 % 8);
            std::fs::write(&path, &damaged).unwrap();
            // A changed number or name is not always seen.
            TensorFile::read_foreign(&path).ok();
        }
    }
}

#[test]
fn half_precision_of_a_safetensors_file_is_read() {
    let header = br#"{"a.weight":{"dtype":"BF16","shape":[2],"data_offsets":[0,4]},"b.count":{"dtype":"I64","shape":[],"data_offsets":[4,12]},"c":{"dtype":"F16","shape":[1],"data_offsets":[12,14]}}"#;
    let mut bytes = (header.len() as u64).to_le_bytes().to_vec();
    bytes.extend_from_slice(header);
    bytes.extend([0x80, 0x3f, 0x40, 0xc0, 9, 0, 0, 0, 0, 0, 0, 0, 0x00, 0x3e]);
    let file = read("some.safetensors", &bytes).unwrap();
    let values = |name: &str| file.tensors[name].iter::<f32>().collect::<Vec<_>>();
    assert_eq!(file.tensors.len(), 2);
    assert_eq!(values("a.weight"), [1.0, -3.0]);
    assert_eq!(values("c"), [1.5]);
    let wrapped = String::from_utf8_lossy(header).replace("\"a.", "\"module.a.");
    let wrapped = wrapped.replace("\"c\"", "\"module.c\"");
    let mut other = (wrapped.len() as u64).to_le_bytes().to_vec();
    other.extend(wrapped.as_bytes());
    other.extend(&bytes[8 + header.len()..]);
    assert_eq!(
        read("other.safetensors", &other).unwrap().tensors,
        file.tensors
    );
    assert!(read("cut.safetensors", &bytes[..bytes.len() - 1]).is_err());
}

/// An archive as `torch.save` writes one, but packed: `data.pkl` of these bytes.
fn packed(pickle: &[u8]) -> Vec<u8> {
    let mut archive = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let options = zip::write::SimpleFileOptions::default()
        .compression_method(zip::CompressionMethod::Deflated);
    archive.start_file("archive/data.pkl", options).unwrap();
    archive.write_all(pickle).unwrap();
    archive.finish().unwrap().into_inner()
}

#[test]
fn a_small_file_does_not_make_objects_without_end() {
    // Empty lists, of which some fifty bytes each are kept: 20 MB pack to 20 kB.
    let lists = packed(&[&b"\x80\x02"[..], &vec![b']'; 20_000_000]].concat());
    assert!(lists.len() < 50_000);
    let message = read("weights.pth", &lists).unwrap_err();
    assert!(message.contains("unpacks to 20000002 bytes"), "{message}");
    // Fewer, which are worth no refusal by their size.
    let fewer = packed(&[&b"\x80\x02"[..], &vec![b']'; 1_020_000]].concat());
    let message = read("weights.pth", &fewer).unwrap_err();
    assert!(
        message.contains("objects, which no file of this size needs"),
        "{message}"
    );
    // The same without an archive.
    let bare = [&b"\x80\x02"[..], &vec![b']'; 1_100_000]].concat();
    let message = read("weights.pth", &bare).unwrap_err();
    assert!(
        message.contains("objects, which no file of this size needs"),
        "{message}"
    );
}
