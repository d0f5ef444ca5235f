use super::*;
use burn::nn::{Linear, LinearConfig};
use burn::prelude::*;
use std::path::PathBuf;

#[derive(Module, Debug)]
struct Net {
    layers: Vec<Linear>,
    scale: burn::module::Param<Tensor<1>>,
}

fn net(sizes: [usize; 3]) -> Net {
    let device = Device::default().autodiff();
    let linear = |pair: &[usize]| LinearConfig::new(pair[0], pair[1]).init(&device);
    Net {
        layers: sizes.windows(2).map(linear).collect(),
        scale: burn::module::Param::from_data([0.1f32, f32::MIN_POSITIVE / 2.0, -0.0], &device),
    }
}

struct File(PathBuf);

impl File {
    fn new(name: &str) -> Self {
        let name = format!("elman-weights-{name}-{}", std::process::id());
        Self(std::env::temp_dir().join(name))
    }
}

impl Drop for File {
    fn drop(&mut self) {
        std::fs::remove_file(&self.0).ok();
    }
}

fn bytes(model: &Net) -> Vec<(String, Vec<u8>)> {
    let tensors = snapshot(model).into_iter();
    tensors
        .map(|(name, data)| (name, data.as_bytes().to_vec()))
        .collect()
}

#[test]
fn weights_come_back_bit_for_bit_under_their_paths() {
    let (file, model) = (File::new("round"), net([2, 3, 4]));
    let metadata = BTreeMap::from([("epoch".to_owned(), "3".to_owned())]);
    save(&model, &file.0, &metadata).unwrap();
    let other = net([2, 3, 4]);
    assert_ne!(bytes(&other), bytes(&model));
    let loaded = load(other, &file.0).unwrap();
    assert_eq!(bytes(&loaded), bytes(&model));
    assert!(loaded.layers[0].weight.val().is_require_grad());
    assert_eq!(TensorFile::read(&file.0).unwrap().metadata, metadata);
    let names: Vec<_> = snapshot(&model).into_keys().collect();
    let expected = [
        "layers.0.bias",
        "layers.0.weight",
        "layers.1.bias",
        "layers.1.weight",
        "scale",
    ];
    assert_eq!(names, expected);
    assert_eq!(parameter_count(&model), 2 * 3 + 3 + 3 * 4 + 4 + 3);
    // Loaded for inference, too.
    let plain = load(net([2, 3, 4]).valid(), &file.0).unwrap();
    assert_eq!(bytes(&plain), bytes(&model));
    assert!(!plain.layers[0].weight.val().is_require_grad());
}

#[test]
fn what_does_not_fit_is_named() {
    let file = File::new("misfit");
    let model = net([2, 3, 4]);
    let refused = |model: Net| load(model, &file.0).unwrap_err().to_string();

    save(&net([2, 5, 4]), &file.0, &BTreeMap::new()).unwrap();
    let message = refused(model.clone());
    assert!(
        message.contains("`layers.0.bias`") && message.contains("[5], but the model needs [3]"),
        "{message}"
    );

    let mut tensors = snapshot(&model);
    let scale = tensors.remove("scale").unwrap();
    let write = |tensors| {
        let metadata = BTreeMap::new();
        TensorFile { metadata, tensors }.write(&file.0).unwrap();
    };
    write(tensors.clone());
    let message = refused(model.clone());
    assert!(
        message.contains("lacks the parameter `scale` (it has `layers.0.bias`"),
        "{message}"
    );

    tensors.insert("scale".to_owned(), scale.clone());
    tensors.insert("shift".to_owned(), scale);
    write(tensors.clone());
    let message = refused(model.clone());
    assert!(
        message.contains("a parameter `shift` that the model does not"),
        "{message}"
    );

    tensors.remove("shift");
    tensors.insert("scale".to_owned(), TensorData::from([1.0f64, 2.0, 3.0]));
    write(tensors);
    let message = refused(model.clone());
    assert!(
        message.contains("`scale`") && message.contains("F64"),
        "{message}"
    );

    std::fs::remove_file(&file.0).unwrap();
    let message = refused(model);
    assert!(message.starts_with("cannot read `"), "{message}");
}

#[test]
fn no_damage_to_a_file_panics_or_passes_unseen() {
    let file = TensorFile {
        metadata: BTreeMap::new(),
        tensors: snapshot(&net([1, 2, 1])),
    };
    let path = std::path::Path::new("damaged");
    let whole = file.to_bytes().unwrap();
    for length in 0..whole.len() {
        let error = TensorFile::from_bytes(&whole[..length], path).unwrap_err();
        assert!(
            matches!(error, Error::NotSafetensors { .. }),
            "{length}: {error}"
        );
    }
    assert!(TensorFile::from_bytes(&[whole.as_slice(), b"x"].concat(), path).is_err());
    assert!(TensorFile::from_bytes(b"PK\x03\x04 a zip file, not tensors", path).is_err());
    // Absurd sizes: a header of 2⁶³ bytes, a tensor of 2⁶⁰ numbers.
    assert!(TensorFile::from_bytes(&[0, 0, 0, 0, 0, 0, 0, 0x80, b'{'], path).is_err());
    let header = br#"{"a":{"dtype":"F32","shape":[1152921504606846976],"data_offsets":[0,4]}}"#;
    let length = (header.len() as u64).to_le_bytes();
    let absurd = [length.as_slice(), header, &[0; 4]].concat();
    assert!(TensorFile::from_bytes(&absurd, path).is_err());
    for position in 0..whole.len() {
        for bit in 0..8 {
            let mut damaged = whole.clone();
            damaged[position] ^= 1 << bit;
            // A changed number cannot be seen; everything else must not panic, then or when it is used.
            if let Ok(file) = TensorFile::from_bytes(&damaged, path) {
                assign(net([1, 2, 1]), file.tensors, path).ok();
            }
        }
    }
}

#[test]
fn other_number_types_are_refused_by_name() {
    let header = br#"{"a":{"dtype":"BF16","shape":[2],"data_offsets":[0,4]}}"#;
    let length = (header.len() as u64).to_le_bytes();
    let bytes = [length.as_slice(), header, &[0; 4]].concat();
    let error = TensorFile::from_bytes(&bytes, std::path::Path::new("half")).unwrap_err();
    assert!(
        error.to_string().contains("tensor `a` holds BF16 numbers"),
        "{error}"
    );
}
