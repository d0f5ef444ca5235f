//! The team: who takes part, and what becomes of a panic.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use crate::threads::{team, threads};

/// All seven threads of the tests' pool, again and again: none looks out twice, none is lost. Other tests may hold the team or
/// keep threads busy, hence the many tries.
#[test]
fn everybody_takes_part() {
    let _ = threads(); // makes the pool
    let begin = Instant::now();
    let mut complete = 0;
    while complete < 5 {
        let members = AtomicUsize::new(0);
        team(7, 1 << 30, |member| {
            members.fetch_max(member.count, Ordering::Relaxed);
            member.wait();
        });
        complete += usize::from(members.into_inner() == 7);
        assert!(
            begin.elapsed() < Duration::from_secs(60),
            "{complete} times"
        );
        std::thread::sleep(Duration::from_micros(200));
    }
}

#[test]
fn members_meet() {
    for _ in 0..500 {
        let arrived = AtomicUsize::new(0);
        team(5, 1 << 30, |member| {
            for round in 1..20 {
                arrived.fetch_add(1, Ordering::Relaxed);
                member.wait();
                assert_eq!(arrived.load(Ordering::Relaxed), round * member.count);
                member.wait();
            }
        });
    }
}

#[test]
fn the_first_panic_comes_through_and_the_team_survives() {
    for culprit in [0, 1] {
        let run = std::panic::catch_unwind(|| {
            team(3, 1 << 30, |member| {
                assert!(member.index != culprit || member.count < 2, "the cause");
                member.wait();
                member.wait();
            });
        });
        if let Err(cause) = run {
            assert_eq!(cause.downcast_ref::<&str>(), Some(&"the cause"));
        }
    }
    team(3, 1 << 30, |member| member.wait());
}
