use super::*;
use crate::weights;

/// Tensors of MobileNetV2's first names, which are those of none.
fn nobody() -> BTreeMap<String, TensorData> {
    let names = ["features.0.0.weight", "features.0.1.weight"];
    names
        .map(|name| (name.to_owned(), TensorData::from([1.0f32])))
        .into()
}

/// A SqueezeNet of the Caffe model's names, all of whose weights are one number.
fn squeezenet() -> BTreeMap<String, TensorData> {
    let mut tensors = BTreeMap::new();
    let mut add = |name: &str, [input, output]: [usize; 2], side: usize| {
        let size = input * output * side * side;
        let weight = TensorData::new(vec![0.01f32; size], [output, input, side, side]);
        tensors.insert(format!("{name}.weight"), weight);
        let bias = TensorData::new(vec![0.1f32; output], [output]);
        tensors.insert(format!("{name}.bias"), bias);
    };
    add("conv1", [3, 96], 7);
    let mut channels = 96;
    for (number, squeezed) in (2..).zip([16, 16, 32, 32, 48, 48, 64, 64]) {
        let of = |part: &str| format!("fire{number}.{part}");
        add(&of("conv1x1_1"), [channels, squeezed], 1);
        add(&of("conv1x1_2"), [squeezed, 4 * squeezed], 1);
        add(&of("conv3x3_2"), [squeezed, 4 * squeezed], 3);
        channels = 8 * squeezed;
    }
    add("conv_final", [512, 1000], 1);
    tensors
}

fn read(tensors: BTreeMap<String, TensorData>) -> Result<Pretrained, Error> {
    Pretrained::from_tensors(tensors, "some.pth".as_ref(), &Device::default())
}

#[test]
fn the_caffe_model_is_known_by_its_names_and_has_a_border() {
    let network = read(squeezenet()).unwrap();
    assert_eq!(network.name(), "SqueezeNet 1.0");
    assert_eq!(weights::parameter_count(&network), 1_248_424);
    assert_eq!(network.preparation(), Preparation::CAFFE);
    let [rows, columns] = network.preparation().size;
    let picture = vec![127; 3 * rows * columns];
    let grid = network.features(network.input(&picture, [rows, columns]));
    assert_eq!(grid.dims(), [1, network.channels(), 13, 13]);
    assert_eq!(network.channels(), 512);
    // Of 15 × 15 places those of the border tell the bias alone.
    let told = crate::values(network.classify(grid.clone()).unwrap());
    let sums = crate::values(grid.sum_dim(1).sum_dim(2).sum_dim(3));
    let expected = (0.01 * sums[0] + 0.1 * 225.0) / 225.0;
    assert_eq!(told.len(), 1000);
    assert!(
        (told[0] / expected - 1.0).abs() < 1e-4,
        "{} {expected}",
        told[0]
    );
}

#[test]
fn a_file_need_not_tell_classes_or_tell_a_thousand() {
    let mut tensors = squeezenet();
    tensors.insert(
        "conv_final.weight".into(),
        TensorData::zeros::<f32, _>([7, 512, 1, 1]),
    );
    tensors.insert("conv_final.bias".into(), TensorData::zeros::<f32, _>([7]));
    let picture = Tensor::zeros([2, 3, 64, 64], &Device::default());
    let network = read(tensors.clone()).unwrap();
    let told = network.classify(network.features(picture.clone())).unwrap();
    assert_eq!(told.dims(), [2, 7]);
    tensors.remove("conv_final.weight");
    tensors.remove("conv_final.bias");
    let network = read(tensors).unwrap();
    assert!(network.classify(network.features(picture)).is_none());
}

#[test]
fn another_network_is_refused_by_name() {
    let says = |tensors, parts: &[&str]| {
        let message = read(tensors).unwrap_err().to_string();
        for part in parts {
            assert!(message.contains(part), "{part}: {message}");
        }
    };
    says(
        nobody(),
        &[
            "`some.pth`",
            "ResNet-18",
            "MobileNetV2",
            "`features.0.1.weight`",
        ],
    );
    says(BTreeMap::new(), &["its tensors are none"]);

    let changed = |name: &str, data: Option<TensorData>| {
        let mut tensors = squeezenet();
        match data {
            Some(data) => tensors.insert(name.to_owned(), data),
            None => tensors.remove(name),
        };
        tensors
    };
    let looks = "looks like a SqueezeNet 1.0, but";
    says(
        changed("fire5.conv1x1_1.bias", None),
        &[looks, "no tensor `fire5.conv1x1_1.bias`"],
    );
    let small = TensorData::zeros::<f32, _>([3, 3]);
    says(
        changed("fire5.conv1x1_1.weight", Some(small.clone())),
        &[looks, "[3, 3]", "[32, 256, 1, 1]"],
    );
    says(
        changed("conv_final.weight", Some(small.clone())),
        &[
            looks,
            "`conv_final.weight`",
            "[3, 3, 1, 1]",
            "[3, 512, 1, 1]",
        ],
    );
    says(
        changed("fire5.se.weight", Some(small)),
        &[looks, "besides", "`fire5.se.weight`"],
    );
    let wrong = TensorData::new(vec![f32::NAN; 96], [96]);
    says(changed("conv1.bias", Some(wrong)), &[looks, "`conv1.bias`"]);
}

#[test]
fn pictures_are_prepared_as_they_were_in_training() {
    let rgb = [255, 0, 10, 1, 2, 3];
    let mut network = read(squeezenet()).unwrap();
    assert_eq!(
        crate::values(network.input(&rgb, [1, 2])),
        [-94.0, -101.0, -117.0, -115.0, 132.0, -122.0]
    );
    network.preparation = Preparation::TORCHVISION;
    let torch = crate::values(network.input(&rgb, [1, 2]));
    let (red, green) = ((1.0 - 0.485) / 0.229, -0.456 / 0.224);
    assert!((torch[0] - red).abs() < 1e-5, "{torch:?}");
    assert!((torch[2] - green).abs() < 1e-5, "{torch:?}");
}
