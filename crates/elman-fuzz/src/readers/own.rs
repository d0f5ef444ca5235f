//! Readers that go wrong in known ways, by which the harness itself is tested.

use super::Readers;
use crate::reader::{Case, Reader};
use std::hint::black_box;
use std::path::Path;

pub(super) const READERS: Readers = &[
    ("own-good", |_| {
        Ok(own("own-good", |_| Err("refused".into())))
    }),
    ("own-panic", |_| {
        Ok(own("own-panic", |bytes| match bytes.first() {
            Some(b'P') => Ok(()),
            _ => panic!("the first byte is not P"),
        }))
    }),
    ("own-abort", |_| {
        Ok(own("own-abort", |bytes| match bytes.len() % 7 {
            0 => std::process::abort(),
            _ => Err("refused".into()),
        }))
    }),
    ("own-overflow", |_| {
        Ok(own("own-overflow", |bytes| {
            fn depth(bytes: &[u8]) -> usize {
                if bytes.is_empty() {
                    0
                } else {
                    black_box([0u8; 4096])[0] as usize + 1 + depth(black_box(&bytes[1..]))
                }
            }
            black_box(depth(&bytes.repeat(100)));
            Err("refused".into())
        }))
    }),
    ("own-memory", |_| {
        Ok(own("own-memory", |bytes| {
            let vast = if bytes.len() % 5 == 0 { 1 << 30 } else { 1 };
            black_box(vec![1u8; vast]);
            Err("refused".into())
        }))
    }),
    ("own-tried-memory", |_| {
        Ok(own("own-tried-memory", |bytes| {
            let mut vast = Vec::<u8>::new();
            let size = if bytes.len() % 5 == 0 { 1 << 30 } else { 1 };
            vast.try_reserve_exact(size)
                .map_err(|error| error.to_string())
        }))
    }),
    ("own-slow", |_| {
        Ok(own("own-slow", |bytes| {
            if bytes.len() % 5 == 0 {
                std::thread::sleep(std::time::Duration::from_secs(4));
            }
            Err("refused".into())
        }))
    }),
    ("own-garbage", |_| Ok(own("own-garbage", |_| Ok(())))),
];

fn own(name: &'static str, read: impl Fn(&[u8]) -> Result<(), String> + 'static) -> Reader {
    let case = Case::binary("some.bin", b"PQR0123456789".to_vec())
        .whole()
        .sealed(3..6);
    Reader::new(name, vec![case], move |_, path: &Path| {
        let bytes = std::fs::read(path).map_err(|error| error.to_string())?;
        read(&bytes)
    })
}
