//! The vector type the equations are written in, and the choice of instruction set.
//!
//! [`pulp`] supplies the instructions; this module adds operators, so that a cell reads like its equation,
//! and a [`Tier`] that tests can force.
#![allow(unsafe_code, reason = "vector loads and stores through pointers")]

use std::any::TypeId;
use std::ops::{Add, Div, Mul, Neg, Sub};
use std::sync::OnceLock;

use pulp::{Scalar128b, Simd, WithSimd};

/// The widest vector of any tier, in lanes of f32.
pub(crate) const MAX_LANES: usize = 16;

/// An instruction set that the kernels can run on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tier {
    /// Plain Rust in blocks of four lanes; works everywhere.
    Portable,
    #[cfg(target_arch = "x86_64")]
    Avx2,
    #[cfg(target_arch = "x86_64")]
    Avx512,
    #[cfg(target_arch = "aarch64")]
    Neon,
}

impl Tier {
    /// Every tier that this machine can run, slowest first.
    pub(crate) fn available() -> &'static [Tier] {
        static TIERS: OnceLock<Vec<Tier>> = OnceLock::new();
        TIERS.get_or_init(|| {
            let mut tiers = vec![Tier::Portable];
            #[cfg(target_arch = "x86_64")]
            {
                if pulp::x86::V3::try_new().is_some() {
                    tiers.push(Tier::Avx2);
                }
                if pulp::x86::V4::try_new().is_some() {
                    tiers.push(Tier::Avx512);
                }
            }
            #[cfg(target_arch = "aarch64")]
            if pulp::aarch64::Neon::try_new().is_some() {
                tiers.push(Tier::Neon);
            }
            tiers
        })
    }

    /// The fastest tier of this machine, or the one that a test forces on this thread.
    pub(crate) fn current() -> Tier {
        #[cfg(test)]
        if let Some(tier) = FORCED.get() {
            return tier;
        }
        *Tier::available()
            .last()
            .expect("the portable tier is always there")
    }

    /// Runs `op` compiled for this tier.
    ///
    /// # Panics
    /// If this machine lacks the tier.
    #[inline]
    pub(crate) fn run<Op: WithSimd>(self, op: Op) -> Op::Output {
        const MISSING: &str = "the instruction set was detected when the tier was chosen";
        match self {
            Tier::Portable => Scalar128b.vectorize(op),
            #[cfg(target_arch = "x86_64")]
            Tier::Avx2 => Simd::vectorize(pulp::x86::V3::try_new().expect(MISSING), op),
            #[cfg(target_arch = "x86_64")]
            Tier::Avx512 => Simd::vectorize(pulp::x86::V4::try_new().expect(MISSING), op),
            #[cfg(target_arch = "aarch64")]
            Tier::Neon => Simd::vectorize(pulp::aarch64::Neon::try_new().expect(MISSING), op),
        }
    }

    /// Lanes of f32 in one vector.
    pub(crate) fn lanes(self) -> usize {
        match self {
            Tier::Portable => 4,
            #[cfg(target_arch = "x86_64")]
            Tier::Avx2 => 8,
            #[cfg(target_arch = "x86_64")]
            Tier::Avx512 => 16,
            #[cfg(target_arch = "aarch64")]
            Tier::Neon => 4,
        }
    }
}

#[cfg(test)]
thread_local! {
    static FORCED: std::cell::Cell<Option<Tier>> = const { std::cell::Cell::new(None) };
}

/// Runs `f` with every kernel call of this thread on `tier`.
#[cfg(test)]
pub(crate) fn with_tier<R>(tier: Tier, f: impl FnOnce() -> R) -> R {
    struct Reset;
    impl Drop for Reset {
        fn drop(&mut self) {
            FORCED.set(None);
        }
    }
    let _reset = Reset;
    FORCED.set(Some(tier));
    f()
}

/// One vector of f32 with the arithmetic of instruction set `S`.
#[derive(Clone, Copy)]
pub(crate) struct Vector<S: Simd>(pub(crate) S, pub(crate) S::f32s);

impl<S: Simd> Vector<S> {
    #[inline(always)]
    pub(crate) fn splat(simd: S, value: f32) -> Self {
        Self(simd, simd.splat_f32s(value))
    }

    #[inline(always)]
    pub(crate) fn zero(simd: S) -> Self {
        Self::splat(simd, 0.0)
    }

    /// `self · b + c`, fused where the instruction set fuses.
    #[inline(always)]
    pub(crate) fn mul_add(self, b: Self, c: Self) -> Self {
        if portable::<S>() {
            return self * b + c;
        }
        Self(self.0, self.0.mul_add_e_f32s(self.1, b.1, c.1))
    }

    /// `c − self · b`, fused where the instruction set fuses.
    #[inline(always)]
    pub(crate) fn neg_mul_add(self, b: Self, c: Self) -> Self {
        if portable::<S>() {
            return c - self * b;
        }
        Self(self.0, self.0.negate_mul_add_e_f32s(self.1, b.1, c.1))
    }

    #[inline(always)]
    pub(crate) fn abs(self) -> Self {
        let simd = self.0;
        let magnitude = simd.splat_u32s(0x7fff_ffff);
        self.map_bits(|bits| simd.and_u32s(bits, magnitude))
    }

    /// The sign of `self` on the magnitude of `of`, which must not be negative.
    #[inline(always)]
    pub(crate) fn sign_onto(self, of: Self) -> Self {
        let simd = self.0;
        let sign = simd.and_u32s(
            simd.transmute_u32s_f32s(self.1),
            simd.splat_u32s(0x8000_0000),
        );
        of.map_bits(|bits| simd.or_u32s(bits, sign))
    }

    /// `then` in the lanes where `self < bound`, `otherwise` in the others and where either is NaN.
    #[inline(always)]
    pub(crate) fn if_less(self, bound: Self, then: Self, otherwise: Self) -> Self {
        let simd = self.0;
        let mask = simd.less_than_f32s(self.1, bound.1);
        Self(simd, simd.select_f32s(mask, then.1, otherwise.1))
    }

    #[inline(always)]
    pub(crate) fn map_bits(self, f: impl FnOnce(S::u32s) -> S::u32s) -> Self {
        let simd = self.0;
        Self(
            simd,
            simd.transmute_f32s_u32s(f(simd.transmute_u32s_f32s(self.1))),
        )
    }

    /// # Safety
    /// `at` is readable for one whole vector.
    #[inline(always)]
    pub(crate) unsafe fn load(simd: S, at: *const f32) -> Self {
        // SAFETY: the caller's; every bit pattern is a valid vector of f32, and no alignment is assumed.
        Self(simd, unsafe { at.cast::<S::f32s>().read_unaligned() })
    }

    /// # Safety
    /// `at` is writable for one whole vector.
    #[inline(always)]
    pub(crate) unsafe fn store(self, at: *mut f32) {
        // SAFETY: the caller's; no alignment is assumed.
        unsafe { at.cast::<S::f32s>().write_unaligned(self.1) }
    }

    /// The first `count` values at `at`, zero in the lanes after; `1 ≤ count ≤ LANES`.
    ///
    /// # Safety
    /// `at` is readable for `count` values.
    #[inline(always)]
    pub(crate) unsafe fn load_up_to(simd: S, at: *const f32, count: usize) -> Self {
        if count == S::F32_LANES {
            // SAFETY: the caller's, for all lanes.
            return unsafe { Self::load(simd, at) };
        }
        // SAFETY: only the enabled lanes are read.
        Self(simd, unsafe {
            simd.mask_load_ptr_f32s(simd.mask_between_m32s(0, count as u32), at)
        })
    }

    /// Stores the first `count` lanes; `1 ≤ count ≤ LANES`.
    ///
    /// # Safety
    /// `at` is writable for `count` values.
    #[inline(always)]
    pub(crate) unsafe fn store_up_to(self, at: *mut f32, count: usize) {
        let simd = self.0;
        if count == S::F32_LANES {
            // SAFETY: the caller's, for all lanes.
            return unsafe { self.store(at) };
        }
        // SAFETY: only the enabled lanes are written.
        unsafe { simd.mask_store_ptr_f32s(simd.mask_between_m32s(0, count as u32), at, self.1) }
    }
}

/// Whether a fused multiply-add would be a call into the C library.
#[inline(always)]
fn portable<S: Simd>() -> bool {
    TypeId::of::<S>() == TypeId::of::<Scalar128b>()
}

impl<S: Simd> Add for Vector<S> {
    type Output = Self;
    #[inline(always)]
    fn add(self, other: Self) -> Self {
        Self(self.0, self.0.add_f32s(self.1, other.1))
    }
}

impl<S: Simd> Sub for Vector<S> {
    type Output = Self;
    #[inline(always)]
    fn sub(self, other: Self) -> Self {
        Self(self.0, self.0.sub_f32s(self.1, other.1))
    }
}

impl<S: Simd> Mul for Vector<S> {
    type Output = Self;
    #[inline(always)]
    fn mul(self, other: Self) -> Self {
        Self(self.0, self.0.mul_f32s(self.1, other.1))
    }
}

impl<S: Simd> Div for Vector<S> {
    type Output = Self;
    #[inline(always)]
    fn div(self, other: Self) -> Self {
        Self(self.0, self.0.div_f32s(self.1, other.1))
    }
}

impl<S: Simd> Neg for Vector<S> {
    type Output = Self;
    #[inline(always)]
    fn neg(self) -> Self {
        Self::zero(self.0) - self
    }
}
