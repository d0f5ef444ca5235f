//! The vector type the equations are written in, and the choice of instruction set.
//!
//! [`pulp`] supplies the instructions; this module adds operators, so that a cell reads like its equation,
//! and a [`Tier`] that tests can force.
#![allow(unsafe_code, reason = "vector loads and stores through pointers")]

use std::any::TypeId;
use std::ops::{Add, Div, Mul, Sub};
use std::sync::OnceLock;

use pulp::{MemMask, Scalar128b, Simd, WithSimd};

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

/// `N` vectors of f32 side by side, with the arithmetic of instruction set `S`.
///
/// Each operation runs on all of them before the next begins. A long chain of dependent operations, as a cell's equation is,
/// leaves a processor idle between its links; two chains side by side fill the gaps.
#[derive(Clone, Copy)]
pub(crate) struct Vector<S: Simd, const N: usize = 1>(pub(crate) S, [S::f32s; N]);

/// The leading lanes of a vector that a partial load or store touches.
#[derive(Clone, Copy)]
pub(crate) struct Lanes<S: Simd> {
    all: bool,
    mask: S::m32s,
}

impl<S: Simd> Lanes<S> {
    /// The first `count` lanes, or all of them where `count` is larger.
    #[inline(always)]
    pub(crate) fn first(simd: S, count: usize) -> Self {
        const NUMBERS: [u32; MAX_LANES] = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15];
        const { assert!(S::F32_LANES <= MAX_LANES) };
        // SAFETY: the array is at least one vector long, every bit pattern is valid, and no alignment is assumed.
        let numbers = unsafe { NUMBERS.as_ptr().cast::<S::u32s>().read_unaligned() };
        let mask = simd.less_than_u32s(numbers, simd.splat_u32s(count as u32));
        Self {
            all: count >= S::F32_LANES,
            mask,
        }
    }
}

/// Maps each of the `N` vectors. Plain indexing: iterator chains keep arrays of vectors out of the registers.
macro_rules! each {
    ($simd:expr, $i:ident => $value:expr) => {{
        let mut out = [$simd.splat_f32s(0.0); N];
        for $i in 0..N {
            out[$i] = $value;
        }
        Vector($simd, out)
    }};
}

#[allow(clippy::needless_range_loop, reason = "see `each`")]
impl<S: Simd, const N: usize> Vector<S, N> {
    #[inline(always)]
    pub(crate) fn splat(simd: S, value: f32) -> Self {
        Self(simd, [simd.splat_f32s(value); N])
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
        each!(self.0, i => self.0.mul_add_e_f32s(self.1[i], b.1[i], c.1[i]))
    }

    /// `c − self · b`, fused where the instruction set fuses.
    #[inline(always)]
    pub(crate) fn neg_mul_add(self, b: Self, c: Self) -> Self {
        if portable::<S>() {
            return c - self * b;
        }
        each!(self.0, i => self.0.negate_mul_add_e_f32s(self.1[i], b.1[i], c.1[i]))
    }

    /// `−|self|`
    #[inline(always)]
    pub(crate) fn minus_abs(self) -> Self {
        let simd = self.0;
        let sign = simd.splat_u32s(0x8000_0000);
        self.map_bits(|bits| simd.or_u32s(bits, sign))
    }

    /// The larger of `self` and `bound`; NaN stays NaN.
    #[inline(always)]
    pub(crate) fn at_least(self, bound: f32) -> Self {
        let (simd, bound) = (self.0, Self::splat(self.0, bound));
        if portable::<S>() {
            return self.if_less(bound, bound, self);
        }
        // The x86 instruction returns its second operand where either is NaN; Neon's returns NaN.
        each!(simd, i => simd.max_f32s(bound.1[i], self.1[i]))
    }

    /// The sign of `self` on the magnitude of `of`, which must not be negative.
    #[inline(always)]
    pub(crate) fn sign_onto(self, of: Self) -> Self {
        let simd = self.0;
        each!(simd, i => {
            let sign = simd.and_u32s(simd.transmute_u32s_f32s(self.1[i]), simd.splat_u32s(0x8000_0000));
            simd.transmute_f32s_u32s(simd.or_u32s(simd.transmute_u32s_f32s(of.1[i]), sign))
        })
    }

    /// `then` in the lanes where `self < bound`, `otherwise` in the others and where either is NaN.
    #[inline(always)]
    pub(crate) fn if_less(self, bound: Self, then: Self, otherwise: Self) -> Self {
        let simd = self.0;
        each!(simd, i => simd.select_f32s(simd.less_than_f32s(self.1[i], bound.1[i]), then.1[i], otherwise.1[i]))
    }

    #[inline(always)]
    pub(crate) fn map_bits(self, f: impl Fn(S::u32s) -> S::u32s) -> Self {
        let simd = self.0;
        each!(simd, i => simd.transmute_f32s_u32s(f(simd.transmute_u32s_f32s(self.1[i]))))
    }

    /// # Safety
    /// Each of `at` is readable for one whole vector.
    #[inline(always)]
    pub(crate) unsafe fn load(simd: S, at: [*const f32; N]) -> Self {
        // SAFETY: the caller's; every bit pattern is a valid vector of f32, and no alignment is assumed.
        each!(simd, i => unsafe { at[i].cast::<S::f32s>().read_unaligned() })
    }

    /// # Safety
    /// Each of `at` is writable for one whole vector.
    #[inline(always)]
    pub(crate) unsafe fn store(self, at: [*mut f32; N]) {
        for i in 0..N {
            // SAFETY: the caller's; no alignment is assumed.
            unsafe { at[i].cast::<S::f32s>().write_unaligned(self.1[i]) }
        }
    }

    /// The values in `lanes` at each of `at`, zero in the other lanes.
    ///
    /// # Safety
    /// Each of `at` is readable for as many values as there are `lanes`.
    #[inline(always)]
    pub(crate) unsafe fn load_first(simd: S, at: [*const f32; N], lanes: [Lanes<S>; N]) -> Self {
        // SAFETY: only the enabled lanes are read.
        each!(simd, i => unsafe {
            match lanes[i].all {
                true => at[i].cast::<S::f32s>().read_unaligned(),
                false => simd.mask_load_ptr_f32s(MemMask::new(lanes[i].mask), at[i]),
            }
        })
    }

    /// # Safety
    /// Each of `at` is writable for as many values as there are `lanes`.
    #[inline(always)]
    pub(crate) unsafe fn store_first(self, at: [*mut f32; N], lanes: [Lanes<S>; N]) {
        for i in 0..N {
            // SAFETY: only the enabled lanes are written.
            unsafe {
                match lanes[i].all {
                    true => at[i].cast::<S::f32s>().write_unaligned(self.1[i]),
                    false => {
                        self.0
                            .mask_store_ptr_f32s(MemMask::new(lanes[i].mask), at[i], self.1[i])
                    }
                }
            }
        }
    }
}

/// Asks for the cache line at `at` ahead of its use. Any address will do.
#[inline(always)]
pub(crate) fn prefetch(at: *const f32) {
    #[cfg(target_arch = "x86_64")]
    // SAFETY: a hint; the address is not dereferenced.
    unsafe {
        std::arch::x86_64::_mm_prefetch::<{ std::arch::x86_64::_MM_HINT_T0 }>(at.cast());
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _ = at;
}

/// `[T; N]::map` that is always inlined: the standard one may stay a call, which stops vectors from being inlined through it.
#[inline(always)]
pub(crate) fn map<T: Copy, U: Copy, const N: usize>(items: [T; N], f: impl Fn(T) -> U) -> [U; N] {
    const { assert!(N > 0) };
    let mut out = [f(items[0]); N];
    for i in 1..N {
        out[i] = f(items[i]);
    }
    out
}

/// As [`map`], over pairs.
#[inline(always)]
pub(crate) fn map2<T: Copy, U: Copy, V: Copy, const N: usize>(
    first: [T; N],
    second: [U; N],
    f: impl Fn(T, U) -> V,
) -> [V; N] {
    const { assert!(N > 0) };
    let mut out = [f(first[0], second[0]); N];
    for i in 1..N {
        out[i] = f(first[i], second[i]);
    }
    out
}

/// Whether a fused multiply-add would be a call into the C library.
#[inline(always)]
fn portable<S: Simd>() -> bool {
    TypeId::of::<S>() == TypeId::of::<Scalar128b>()
}

impl<S: Simd, const N: usize> Add for Vector<S, N> {
    type Output = Self;
    #[inline(always)]
    fn add(self, other: Self) -> Self {
        each!(self.0, i => self.0.add_f32s(self.1[i], other.1[i]))
    }
}

impl<S: Simd, const N: usize> Sub for Vector<S, N> {
    type Output = Self;
    #[inline(always)]
    fn sub(self, other: Self) -> Self {
        each!(self.0, i => self.0.sub_f32s(self.1[i], other.1[i]))
    }
}

impl<S: Simd, const N: usize> Mul for Vector<S, N> {
    type Output = Self;
    #[inline(always)]
    fn mul(self, other: Self) -> Self {
        each!(self.0, i => self.0.mul_f32s(self.1[i], other.1[i]))
    }
}

impl<S: Simd, const N: usize> Div for Vector<S, N> {
    type Output = Self;
    #[inline(always)]
    fn div(self, other: Self) -> Self {
        each!(self.0, i => self.0.div_f32s(self.1[i], other.1[i]))
    }
}
