//! NumPy's file format for one array (NEP 1).

/// A file of little-endian 32-bit floats in C order.
pub(super) fn encode(values: &[f32], shape: &[usize]) -> Vec<u8> {
    let sides: String = shape.iter().map(|side| format!("{side}, ")).collect();
    let sides = if shape.len() > 1 {
        sides.trim_end_matches(", ")
    } else {
        sides.trim_end()
    };
    let mut header = format!("{{'descr': '<f4', 'fortran_order': False, 'shape': ({sides}), }}");
    // The values begin at a multiple of 64 bytes; 10 come before the header and one ends it.
    let padding = (64 - (10 + header.len() + 1) % 64) % 64;
    header.extend(std::iter::repeat_n(' ', padding));
    header.push('\n');
    let mut bytes = b"\x93NUMPY\x01\x00".to_vec();
    bytes.extend((header.len() as u16).to_le_bytes());
    bytes.extend(header.as_bytes());
    bytes.extend(values.iter().flat_map(|x| x.to_le_bytes()));
    bytes
}
