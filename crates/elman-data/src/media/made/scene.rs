//! Scenes of coloured shapes and the one sentence that is true of each, in English and Korean.

use crate::random::Stream;

macro_rules! words {
    ($(#[$about:meta])* $name:ident { $($variant:ident $english:literal $korean:literal),* $(,)? }) => {
        $(#[$about])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub(super) enum $name { $($variant),* }

        impl $name {
            pub(super) const ALL: &'static [Self] = &[$(Self::$variant),*];

            fn english(self) -> &'static str {
                match self { $(Self::$variant => $english),* }
            }

            fn korean(self) -> &'static str {
                match self { $(Self::$variant => $korean),* }
            }

            fn draw(random: &mut Stream) -> Self {
                Self::ALL[random.below(Self::ALL.len())]
            }
        }
    };
}

words!(Colour {
    Red "red" "빨간",
    Green "green" "초록",
    Blue "blue" "파란",
    Yellow "yellow" "노란",
    Purple "purple" "보라",
});

// All end in a consonant, so that the particle after them is always 이.
words!(Form { Circle "circle" "원", Square "square" "사각형", Triangle "triangle" "삼각형" });

words!(Size { Large "large" "큰", Small "small" "작은" });

words!(
    /// Where a single shape is.
    Place {
        Middle "in the middle" "가운데에",
        TopLeft "at the top left" "왼쪽 위에",
        TopRight "at the top right" "오른쪽 위에",
        BottomLeft "at the bottom left" "왼쪽 아래에",
        BottomRight "at the bottom right" "오른쪽 아래에",
    }
);

words!(
    /// Where the first of two shapes is, seen from the second.
    Relation {
        Above "above" "위에",
        Below "below" "아래에",
        LeftOf "to the left of" "왼쪽에",
        RightOf "to the right of" "오른쪽에",
    }
);

words!(
    /// How three shapes lie.
    Line { Row "from left to right" "왼쪽에서부터", Column "from top to bottom" "위에서부터" }
);

/// One shape.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Shape {
    pub size: Size,
    pub colour: Colour,
    pub form: Form,
}

/// One to three shapes. Each scene has one sentence and each sentence one scene, so that a caption is right or wrong.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Scene {
    One(Shape, Place),
    /// The larger is named first; of two that are alike large the upper or the left one.
    Two(Shape, Relation, Shape),
    /// In the order in which they lie.
    Three([Shape; 3], Line),
}

impl Shape {
    fn draw(random: &mut Stream) -> Self {
        Self {
            size: Size::draw(random),
            colour: Colour::draw(random),
            form: Form::draw(random),
        }
    }

    fn english(self) -> String {
        let Self { size, colour, form } = self;
        format!(
            "a {} {} {}",
            size.english(),
            colour.english(),
            form.english()
        )
    }

    fn korean(self) -> String {
        let Self { size, colour, form } = self;
        format!("{} {} {}", size.korean(), colour.korean(), form.korean())
    }
}

impl Relation {
    /// The same seen from the first.
    fn opposite(self) -> Self {
        match self {
            Self::Above => Self::Below,
            Self::Below => Self::Above,
            Self::LeftOf => Self::RightOf,
            Self::RightOf => Self::LeftOf,
        }
    }
}

impl Scene {
    /// A scene of at most `most` shapes; each number of them is as likely as the others.
    pub(super) fn draw(most: usize, random: &mut Stream) -> Self {
        match 1 + random.below(most) {
            1 => Self::One(Shape::draw(random), Place::draw(random)),
            2 => {
                let shapes = [Shape::draw(random), Shape::draw(random)];
                Self::two(shapes[0], Relation::draw(random), shapes[1])
            }
            _ => {
                let shapes = [(); 3].map(|()| Shape::draw(random));
                Self::Three(shapes, Line::draw(random))
            }
        }
    }

    /// Two shapes in the order in which the sentence names them.
    pub(super) fn two(first: Shape, relation: Relation, second: Shape) -> Self {
        let turn = match (first.size, second.size) {
            (Size::Large, Size::Small) => false,
            (Size::Small, Size::Large) => true,
            _ => matches!(relation, Relation::Below | Relation::RightOf),
        };
        if turn {
            Self::Two(second, relation.opposite(), first)
        } else {
            Self::Two(first, relation, second)
        }
    }

    pub(super) fn english(&self) -> String {
        match self {
            Self::One(shape, place) => format!("{} {}", shape.english(), place.english()),
            Self::Two(first, relation, second) => {
                let (first, second) = (first.english(), second.english());
                format!("{first} {} {second}", relation.english())
            }
            Self::Three(shapes, line) => {
                let [first, second, third] = shapes.map(Shape::english);
                format!("{first}, {second} and {third} {}", line.english())
            }
        }
    }

    pub(super) fn korean(&self) -> String {
        match self {
            Self::One(shape, place) => format!("{} {}이 있다", place.korean(), shape.korean()),
            Self::Two(first, relation, second) => {
                let (first, second) = (first.korean(), second.korean());
                format!("{first}이 {second} {} 있다", relation.korean())
            }
            Self::Three(shapes, line) => {
                let [first, second, third] = shapes.map(Shape::korean);
                format!("{} {first}, {second}, {third}이 있다", line.korean())
            }
        }
    }
}
