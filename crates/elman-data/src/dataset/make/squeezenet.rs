//! SqueezeNet as it is published with Deep Compression (Han, Mao & Dally, 2016): pruned weights, each one of 256 values.

use std::fmt::Write;

/// The values that a layer's weights may have.
const CODES: usize = 256;

/// A convolution: its name, and the shape of its weights `[output channels, input channels, kernel, kernel]`.
pub(super) struct Layer {
    pub name: String,
    pub shape: [usize; 4],
}

/// The 26 convolutions of SqueezeNet 1.0.
pub(super) fn layers() -> Vec<Layer> {
    let layer = |name: String, shape| Layer { name, shape };
    let mut layers = vec![layer("conv1".into(), [96, 3, 7, 7])];
    let mut channels = 96;
    for fire in 2..=9 {
        // Modules come in pairs; each pair is wider than the one before.
        let squeeze = 16 * (fire / 2);
        let expand = 4 * squeeze;
        layers.push(layer(
            format!("fire{fire}.conv1x1_1"),
            [squeeze, channels, 1, 1],
        ));
        layers.push(layer(
            format!("fire{fire}.conv1x1_2"),
            [expand, squeeze, 1, 1],
        ));
        layers.push(layer(
            format!("fire{fire}.conv3x3_2"),
            [expand, squeeze, 3, 3],
        ));
        channels = 2 * expand;
    }
    layers.push(layer("conv_final".into(), [1000, channels, 1, 1]));
    layers
}

/// The weights and biases of `layers` as a safetensors file.
///
/// `net` holds the number of weights that are not zero in each layer, and then for each layer the 256 values, the biases, a code for
/// each such weight, and for each the number of zeros before it, two of these in a byte, the lower half first.
pub(super) fn decode(net: &[u8], layers: &[Layer]) -> Result<Vec<u8>, String> {
    let mut rest = net;
    let counts = take(&mut rest, 4 * layers.len())?;
    let counts = counts
        .chunks_exact(4)
        .map(|count| u32::from_le_bytes([count[0], count[1], count[2], count[3]]));
    let (mut header, mut data) = (String::from("{"), Vec::new());
    for (layer, count) in layers.iter().zip(counts) {
        let (size, count) = (layer.shape.iter().product(), count as usize);
        let values = take(&mut rest, 4 * CODES)?;
        let bias = take(&mut rest, 4 * layer.shape[0])?;
        let codes = take(&mut rest, count)?;
        let gaps = take(&mut rest, count.div_ceil(2))?;
        let mut dense = vec![0_u8; size];
        let mut next = 0;
        for (index, code) in codes.iter().enumerate() {
            next += usize::from(gaps[index / 2] >> (4 * (index % 2)) & 15);
            let weight = dense
                .get_mut(next)
                .ok_or_else(|| format!("{} has more weights than its shape", layer.name))?;
            *weight = *code;
            next += 1;
        }
        let [outputs, inputs, rows, columns] = layer.shape;
        let shapes = [
            ("weight", format!("{outputs},{inputs},{rows},{columns}")),
            ("bias", outputs.to_string()),
        ];
        for (what, shape) in shapes {
            let start = data.len();
            if what == "weight" {
                data.extend(
                    dense
                        .iter()
                        .flat_map(|code| &values[4 * usize::from(*code)..][..4]),
                );
            } else {
                data.extend_from_slice(bias);
            }
            let comma = if header.len() > 1 { "," } else { "" };
            let name = &layer.name;
            let _ = write!(
                header,
                r#"{comma}"{name}.{what}":{{"dtype":"F32","shape":[{shape}],"data_offsets":[{start},{}]}}"#,
                data.len()
            );
        }
    }
    if !rest.is_empty() {
        return Err(format!("{} bytes are left over", rest.len()));
    }
    header.push('}');
    while header.len() % 8 != 0 {
        header.push(' ');
    }
    Ok([
        &(header.len() as u64).to_le_bytes(),
        header.as_bytes(),
        &data,
    ]
    .concat())
}

fn take<'a>(rest: &mut &'a [u8], count: usize) -> Result<&'a [u8], String> {
    let (taken, left) = rest.split_at_checked(count).ok_or("it is cut off")?;
    *rest = left;
    Ok(taken)
}
