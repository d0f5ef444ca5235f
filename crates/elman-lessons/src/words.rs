//! Two languages, side by side.

use std::borrow::Cow;

/// A language that lessons are told in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Lang {
    /// English.
    #[default]
    En,
    /// Korean.
    Ko,
}

impl Lang {
    /// Its code: `en`, `ko`.
    pub fn code(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::Ko => "ko",
        }
    }

    /// What the environment asks for: the first of `LC_ALL`, `LC_MESSAGES` and `LANG` that is set decides, as POSIX has it.
    /// Korean where it begins with `ko`, otherwise English.
    pub fn of_environment(variable: impl Fn(&str) -> Option<String>) -> Self {
        let set = |name: &&str| variable(name).filter(|value| !value.is_empty());
        let asked = ["LC_ALL", "LC_MESSAGES", "LANG"].iter().find_map(set);
        let code = asked.unwrap_or_default().to_lowercase();
        match code.split(['_', '.', '@', '-']).next() {
            Some("ko" | "korean") => Self::Ko,
            _ => Self::En,
        }
    }
}

/// The same said in both languages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Words {
    /// In English.
    pub en: Cow<'static, str>,
    /// In Korean.
    pub ko: Cow<'static, str>,
}

impl Words {
    /// Words that are known in advance.
    pub const fn new(en: &'static str, ko: &'static str) -> Self {
        Self {
            en: Cow::Borrowed(en),
            ko: Cow::Borrowed(ko),
        }
    }

    /// What is the same in every language: a name, a formula.
    pub fn same(text: impl Into<String>) -> Self {
        let text: String = text.into();
        Self {
            en: text.clone().into(),
            ko: text.into(),
        }
    }

    /// In this language.
    pub fn say(&self, lang: Lang) -> &str {
        match lang {
            Lang::En => &self.en,
            Lang::Ko => &self.ko,
        }
    }
}

/// [`Words`] from two format strings, English first. Both languages stand beside each other, so that none is forgotten.
macro_rules! say {
    ($en:literal, $ko:literal $(,)?) => {
        $crate::words::Words {
            en: std::borrow::Cow::Owned(format!($en)),
            ko: std::borrow::Cow::Owned(format!($ko)),
        }
    };
}
pub(crate) use say;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_environment_is_asked_in_the_order_of_posix() {
        let lang = |set: &[(&str, &str)]| {
            Lang::of_environment(|name| {
                let found = set.iter().find(|(known, _)| *known == name);
                found.map(|(_, value)| (*value).to_owned())
            })
        };
        assert_eq!(lang(&[]), Lang::En);
        assert_eq!(lang(&[("LANG", "ko_KR.UTF-8")]), Lang::Ko);
        assert_eq!(lang(&[("LANG", "ko")]), Lang::Ko);
        assert_eq!(lang(&[("LANG", "kok_IN")]), Lang::En);
        assert_eq!(lang(&[("LC_ALL", "C.UTF-8"), ("LANG", "ko_KR")]), Lang::En);
        assert_eq!(lang(&[("LC_ALL", ""), ("LANG", "ko_KR")]), Lang::Ko);
        assert_eq!(
            lang(&[("LC_MESSAGES", "ko_KR"), ("LANG", "en_US")]),
            Lang::Ko
        );
    }

    #[test]
    fn numbers_go_into_both_languages() {
        let share = 12;
        let words = say!("{share} of them", "그중 {share}개");
        assert_eq!(words.say(Lang::En), "12 of them");
        assert_eq!(words.say(Lang::Ko), "그중 12개");
    }
}
