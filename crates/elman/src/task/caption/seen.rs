//! What is seen in pictures before anything is learned, and where it is kept.

use super::config::{CaptionConfig, EyeKind};
use crate::run::RunFolder;
use crate::task::Error;
use crate::train::{Event, Observer};
use crate::vision::{COORDINATES, Eye, Pretrained, places};
use crate::weights::{self, TensorFile};
use burn::prelude::*;
use elman_data::dataset;
use elman_data::media::picture::{Picture, read_picture};
use elman_data::random::{digest, mix};
use rayon::prelude::*;
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Pictures read between two reports of how far it is.
const AT_ONCE: usize = 16;
/// Values that are kept of all pictures of a part, at most: 8 GB.
const MOST_VALUES: usize = 2_000_000_000;

/// What a run remembers of the weights of what sees.
pub(super) const EYE: &str = "eye.json";

/// What sees pictures before the model does.
#[derive(Debug)]
pub struct Seen {
    config: CaptionConfig,
    network: Option<Pretrained>,
    /// Tells the weights apart.
    stamp: u64,
}

/// Something for each picture: `[channels, rows, columns]`, one picture after the other.
#[derive(Clone, Debug, PartialEq)]
pub struct Grids {
    /// Channels, rows and columns.
    pub shape: [usize; 3],
    /// The values.
    pub values: Vec<f32>,
}

impl Grids {
    /// How many pictures there are.
    pub fn len(&self) -> usize {
        self.values.len() / self.shape.iter().product::<usize>().max(1)
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// Those of some pictures, side by side: `[batch, channels, rows, columns]`.
    pub fn batch(&self, rows: &[usize], device: &Device) -> Tensor<4> {
        let [channels, height, width] = self.shape;
        let size = channels * height * width;
        let values = rows
            .iter()
            .flat_map(|row| &self.values[row * size..(row + 1) * size]);
        let values: Vec<f32> = values.copied().collect();
        Tensor::from_data(
            TensorData::new(values, [rows.len(), channels, height, width]),
            device,
        )
    }
}

impl Seen {
    /// Finds the weights, relative to `base` or as a dataset.
    ///
    /// # Errors
    /// If there are none, they are those of no network that is known, or of one with fewer blocks than are to be trained on.
    pub fn open(config: &CaptionConfig, base: &Path) -> Result<Self, Error> {
        if config.eye == EyeKind::Learned {
            return Ok(Self {
                config: config.clone(),
                network: None,
                stamp: 0,
            });
        }
        let path = weights_path(&config.weights, base)?;
        let network = Pretrained::open(&path, &Device::default())?;
        let blocks = network.blocks.len();
        if config.finetune >= blocks {
            return Err(Error::input(format!(
                "caption.finetune is {}, but the {} of `{}` has {blocks} blocks, of which the first is never trained on: it can be \
                 from 0 to {}",
                config.finetune,
                network.name(),
                path.display(),
                blocks - 1
            )));
        }
        let parameters = weights::snapshot(&network);
        let digests = parameters
            .values()
            .map(|data| digest(data.iter::<f32>().map(f32::to_bits)));
        let name = digest(network.name().bytes().map(u32::from));
        Ok(Self {
            config: config.clone(),
            stamp: mix(&digests.chain([name]).collect::<Vec<_>>()),
            network: Some(network),
        })
    }

    /// Tells the weights of what sees apart from others.
    pub fn stamp(&self) -> u64 {
        self.stamp
    }

    /// Refuses weights that are not those with which a run was trained.
    ///
    /// # Errors
    /// If they are others, or the run does not say.
    pub fn check(&self, run: &RunFolder) -> Result<(), Error> {
        let known: u64 = run.read_json(EYE)?;
        match known == self.stamp {
            true => Ok(()),
            false => Err(Error::input(
                "the weights of what sees the pictures (caption.weights) are not those with which the run was trained; put those back",
            )),
        }
    }

    /// What of seeing is learned.
    pub fn eye(&self, source: &mut crate::init::ParamSource) -> Eye {
        let grid = self.config.grid;
        match &self.network {
            None => Eye::learned(grid, source),
            Some(_) if self.config.finetune == 0 => Eye::frozen(grid),
            Some(network) => Eye::tuned(grid, network.last(self.config.finetune), source),
        }
    }

    /// Features of the places that the decoder looks at.
    pub fn features(&self) -> usize {
        let channels = match &self.network {
            None => Eye::LEARNED_CHANNELS,
            Some(network) => network.channels(),
        };
        channels + COORDINATES
    }

    /// Rows and columns of the places that a decoder looks at in such a grid.
    pub fn places(&self, [_, rows, columns]: [usize; 3]) -> [usize; 2] {
        let sides = match &self.network {
            Some(network) => network.sides(self.config.finetune, [rows, columns]),
            None => Eye::learned_sides([rows, columns]),
        };
        sides.map(|side| side.min(self.config.grid))
    }

    /// A picture, no larger than the recipe allows.
    ///
    /// # Errors
    /// If it is larger, missing or broken.
    pub fn read(&self, file: &Path) -> Result<Picture, Error> {
        Ok(read_picture(file, &self.config.limits)?)
    }

    /// What is seen in one picture: channels, rows and columns, and the values.
    pub fn see(&self, picture: &Picture) -> ([usize; 3], Vec<f32>) {
        let Some(network) = &self.network else {
            let side = self.config.side;
            let small = picture.resize(side, side);
            let planes = (0..3).flat_map(|channel| {
                let values = small.rgb.iter().skip(channel).step_by(3);
                values.map(|value| f32::from(*value) / 127.5 - 1.0)
            });
            let values = planes.collect();
            return ([3, side, side], values);
        };
        let [rows, columns] = network.preparation().size;
        let small = picture.resize(columns, rows);
        let input = network.input(&small.rgb, [rows, columns]);
        let mut grid = network.features_before(input, self.config.finetune);
        if self.config.finetune == 0 {
            // Nothing finer is ever looked at.
            let [_, channels, rows, columns] = grid.dims();
            let most = self.config.grid;
            let (rows, columns) = (rows.min(most), columns.min(most));
            grid = places(grid, most)
                .swap_dims(1, 2)
                .reshape([1, channels, rows, columns]);
        }
        let [_, channels, rows, columns] = grid.dims();
        ([channels, rows, columns], crate::values(grid))
    }

    /// What the whole network that others trained sees, where its last blocks are trained on and the grids are what those read.
    pub fn to_the_end<'a>(&self, grids: &'a Grids) -> Cow<'a, Grids> {
        let last = match &self.network {
            Some(network) if self.config.finetune > 0 => network.last(self.config.finetune),
            _ => return Cow::Borrowed(grids),
        };
        let (mut shape, mut values) = (grids.shape, Vec::new());
        let rows: Vec<usize> = (0..grids.len()).collect();
        for rows in rows.chunks(AT_ONCE) {
            let first = grids.batch(rows, &Device::default());
            let seen = last.iter().fold(first, |seen, block| block.forward(seen));
            let [_, channels, rows, columns] = seen.dims();
            shape = [channels, rows, columns];
            values.extend(crate::values(seen));
        }
        Cow::Owned(Grids { shape, values })
    }

    /// What is seen in the pictures of files; what was seen before comes from the cache. A file that cannot be read has its
    /// error in the place of its grid.
    ///
    /// # Errors
    /// If there are more pictures than memory is taken for.
    pub fn see_all(
        &self,
        files: &[PathBuf],
        observer: &mut dyn Observer,
    ) -> Result<(Grids, Vec<(usize, Error)>), Error> {
        let cache = self.cache(files);
        if let Some(found) = cache
            .as_deref()
            .and_then(|path| self.kept(path, files.len()))
        {
            return Ok((found, Vec::new()));
        }
        let (mut shape, mut values, mut broken) = ([0; 3], Vec::new(), Vec::new());
        for (chunk, first) in files.chunks(AT_ONCE).zip((0..).step_by(AT_ONCE)) {
            let read = |file: &PathBuf| Ok::<_, Error>(self.see(&self.read(file)?));
            let seen: Vec<_> = chunk.par_iter().map(read).collect();
            for (seen, row) in seen.into_iter().zip(first..) {
                match seen {
                    Ok((found, grid)) => {
                        if values.is_empty() {
                            self.check_size(files.len(), grid.len())?;
                        }
                        shape = found;
                        values.extend(grid);
                    }
                    Err(error) => broken.push((row, error)),
                }
            }
            observer.on(&Event::Work {
                what: "looking at pictures",
                done: first + chunk.len(),
                total: files.len(),
            });
        }
        let mut grids = Grids { shape, values };
        if let Some(path) = cache.filter(|_| broken.is_empty()) {
            // Without a cache all is looked at again next time, no more.
            let _ = self.keep(&mut grids, &path, files.len());
        }
        Ok((grids, broken))
    }

    /// Refuses to hold so many values of so many pictures.
    fn check_size(&self, pictures: usize, values: usize) -> Result<(), Error> {
        if pictures.saturating_mul(values) <= MOST_VALUES {
            return Ok(());
        }
        let remedy = match (&self.network, self.config.finetune) {
            (None, _) => "make caption.side smaller",
            (Some(_), 0) => "make caption.grid smaller",
            (Some(_), _) => "make caption.finetune smaller, which is how many blocks read it",
        };
        Err(Error::input(format!(
            "what is seen in {pictures} pictures is {:.1} GB, and at most {:.1} GB are kept in memory; {remedy}, or take fewer \
             pictures",
            (pictures * values) as f64 * 4e-9,
            MOST_VALUES as f64 * 4e-9
        )))
    }

    /// Where what is seen in these files is kept; nothing for pixels, which are read as fast as a cache.
    fn cache(&self, files: &[PathBuf]) -> Option<PathBuf> {
        self.network.as_ref()?;
        let stamp = |file: &PathBuf| {
            let found = std::fs::metadata(file).ok();
            let changed = found.as_ref().and_then(|found| found.modified().ok());
            let since = changed.and_then(|time| time.duration_since(std::time::UNIX_EPOCH).ok());
            let name = digest(file.to_string_lossy().bytes().map(u32::from));
            mix(&[
                name,
                found.map_or(0, |found| found.len()),
                since.map_or(0, |since| since.as_nanos() as u64),
            ])
        };
        let finetune = self.config.finetune;
        let own = [
            self.stamp,
            finetune as u64,
            // The blocks that are trained on read what the network gives, however fine it is.
            if finetune == 0 { self.config.grid } else { 0 } as u64,
            self.config.limits.pixels,
        ];
        let all: Vec<u64> = own.into_iter().chain(files.iter().map(stamp)).collect();
        let folder = dataset::cache_folder().ok()?.join("features");
        Some(folder.join(format!("{:016x}.safetensors", mix(&all))))
    }

    fn kept(&self, path: &Path, count: usize) -> Option<Grids> {
        let mut file = TensorFile::read(path).ok()?;
        let grids = file.tensors.remove("grids")?;
        let shape: [usize; 4] = grids.shape().as_slice().try_into().ok()?;
        let [found, channels, rows, columns] = shape;
        (found == count).then_some(Grids {
            shape: [channels, rows, columns],
            values: grids.try_to_vec::<f32>().ok()?,
        })
    }

    fn keep(&self, grids: &mut Grids, path: &Path, count: usize) -> Result<(), Error> {
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder).map_err(|error| io(folder, error))?;
        }
        let [channels, rows, columns] = grids.shape;
        // Lent, not copied: it may be gigabytes.
        let values = std::mem::take(&mut grids.values);
        let data = TensorData::new(values, [count, channels, rows, columns]);
        let mut file = TensorFile {
            metadata: BTreeMap::new(),
            tensors: BTreeMap::from([("grids".to_string(), data)]),
        };
        let written = file.write(path);
        let data = file.tensors.remove("grids").expect("it was put there");
        grids.values = data.try_into_vec().expect("it was made of such values");
        Ok(written?)
    }
}

/// The file of the weights: as it is named, or the first of a dataset that is named like one.
fn weights_path(name: &str, base: &Path) -> Result<PathBuf, Error> {
    let path = base.join(name);
    if path.is_file() || TensorFile::is_named_so(name) {
        return Ok(path);
    }
    let found = dataset::describe(name)?;
    let mut files = found.files.iter();
    let own = files
        .clone()
        .find(|file| file.name.ends_with(".safetensors"));
    let file = own.or_else(|| files.find(|file| TensorFile::is_named_so(&file.name)));
    let file = file.ok_or_else(|| {
        Error::input(format!(
            "caption.weights: the dataset `{name}` holds no weights"
        ))
    })?;
    let path = dataset::resolve(name)?.join(&file.name);
    match path.is_file() {
        true => Ok(path),
        false => Err(Error::input(format!(
            "caption.weights: the dataset `{name}` is not here; get it with: elman data get {name}"
        ))),
    }
}

fn io(folder: &Path, source: std::io::Error) -> Error {
    let path = folder.to_path_buf();
    Error::Data(elman_data::Error::Io {
        action: "create",
        path,
        source,
    })
}
