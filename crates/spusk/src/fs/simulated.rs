//! A disk in memory whose power can fail.
//!
//! It keeps apart what programs see and what would survive. A file's bytes survive once the file is
//! synced, names in a directory once that directory is synced; everything else survives or not, in
//! any combination, as the file systems of real computers allow.

use std::collections::BTreeMap;
use std::io::{self, ErrorKind, Write};
use std::path::{Component, Path};
use std::sync::{Arc, Mutex, MutexGuard};

use super::{Append, Content, Fs, too_long};

/// A disk in memory.
#[derive(Clone, Default)]
pub(crate) struct Simulated {
    state: Arc<Mutex<State>>,
}

/// What becomes of everything that was not synced.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Loss {
    /// It is gone.
    Everything,
    /// It survives.
    Nothing,
    /// Each piece survives or not, by a random number.
    Some(u64),
}

impl Loss {
    /// Every kind, and the random one with several seeds.
    pub(crate) fn all() -> impl Iterator<Item = Loss> {
        [Loss::Everything, Loss::Nothing].into_iter().chain((1..20).map(Loss::Some))
    }
}

struct State {
    /// Files and directories by their number; 0 is the root.
    nodes: Vec<Node>,
    steps: usize,
    /// How many more steps there is power for.
    power: Option<usize>,
    /// How many more bytes there is room for.
    space: Option<u64>,
}

enum Node {
    /// `intact` bytes at the beginning were never touched since they were synced.
    File {
        seen: Vec<u8>,
        synced: Vec<u8>,
        intact: usize,
    },
    Directory {
        seen: Names,
        synced: Names,
        pending: Vec<Change>,
    },
}

type Names = BTreeMap<String, usize>;

/// A change to a directory that is not synced yet.
#[derive(Clone)]
enum Change {
    Add(String, usize),
    Remove(String),
    Rename(String, String, usize),
}

impl Default for State {
    fn default() -> Self {
        State { nodes: vec![Node::directory()], steps: 0, power: None, space: None }
    }
}

impl Node {
    fn directory() -> Node {
        Node::Directory { seen: Names::new(), synced: Names::new(), pending: Vec::new() }
    }
}

impl Change {
    fn apply(&self, names: &mut Names) {
        match self {
            Change::Add(name, node) => drop(names.insert(name.clone(), *node)),
            Change::Remove(name) => drop(names.remove(name)),
            Change::Rename(from, to, node) => {
                names.remove(from);
                names.insert(to.clone(), *node);
            }
        }
    }
}

impl Simulated {
    /// From now on there is power for this many steps; `None` for ever. Counts from zero again.
    pub(crate) fn cut_power_after(&self, steps: Option<usize>) {
        let mut state = self.lock();
        state.power = steps;
        state.steps = 0;
    }

    /// From now on there is room for this many bytes.
    pub(crate) fn limit_space(&self, bytes: Option<u64>) {
        self.lock().space = bytes;
    }

    /// How many steps were taken.
    pub(crate) fn steps(&self) -> usize {
        self.lock().steps
    }

    /// The disk as it is found when the power is back.
    pub(crate) fn after_power_loss(&self, loss: Loss) -> Simulated {
        let mut random = Random::new(loss);
        let state = self.lock();
        let nodes = state.nodes.iter().map(|node| match node {
            Node::File { seen, synced, intact } => {
                let left = random.content(seen, synced, *intact);
                Node::File { intact: left.len(), seen: left.clone(), synced: left }
            }
            Node::Directory { synced, pending, .. } => {
                let mut left = synced.clone();
                pending
                    .iter()
                    .filter(|_| random.survives())
                    .for_each(|change| change.apply(&mut left));
                Node::Directory { seen: left.clone(), synced: left, pending: Vec::new() }
            }
        });
        let state = State { nodes: nodes.collect(), ..State::default() };
        Simulated { state: Arc::new(Mutex::new(state)) }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }
}

/// Decides what survives.
struct Random {
    loss: Loss,
    state: u64,
}

impl Random {
    fn new(loss: Loss) -> Random {
        let state = if let Loss::Some(seed) = loss { seed } else { 0 };
        Random { loss, state }
    }

    /// SplitMix64 (Steele, Lea, Flood 2014).
    fn next(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.state;
        z = (z ^ z >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ z >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ z >> 31
    }

    fn survives(&mut self) -> bool {
        match self.loss {
            Loss::Everything => false,
            Loss::Nothing => true,
            Loss::Some(_) => self.next().is_multiple_of(2),
        }
    }

    /// Old bytes, new bytes, a part of the new ones, or zeros where they should be.
    fn content(&mut self, seen: &[u8], synced: &[u8], intact: usize) -> Vec<u8> {
        let new = seen.len() - intact;
        match self.loss {
            Loss::Everything => synced.into(),
            Loss::Nothing => seen.into(),
            Loss::Some(_) => match self.next() % 4 {
                0 => synced.into(),
                1 => seen.into(),
                2 => seen[..intact + self.next() as usize % (new + 1)].into(),
                _ => [&seen[..intact], &vec![0; new]].concat(),
            },
        }
    }
}

impl State {
    /// One step that the power may not be there for.
    fn step(&mut self) -> io::Result<()> {
        if self.power.is_some_and(|power| self.steps >= power) {
            return Err(io::Error::other("the power is off"));
        }
        self.steps += 1;
        Ok(())
    }

    fn find(&self, path: &Path) -> io::Result<usize> {
        let names = path.components().filter_map(|part| match part {
            Component::Normal(name) => name.to_str(),
            _ => None,
        });
        names.into_iter().try_fold(0, |node, name| match &self.nodes[node] {
            Node::Directory { seen, .. } => {
                seen.get(name).copied().ok_or(ErrorKind::NotFound.into())
            }
            Node::File { .. } => Err(ErrorKind::NotADirectory.into()),
        })
    }

    fn parent_and_name<'a>(&self, path: &'a Path) -> io::Result<(usize, &'a str)> {
        let name =
            path.file_name().and_then(|name| name.to_str()).ok_or(ErrorKind::InvalidInput)?;
        Ok((self.find(path.parent().ok_or(ErrorKind::InvalidInput)?)?, name))
    }

    fn change(&mut self, directory: usize, change: Change) -> io::Result<()> {
        let Node::Directory { seen, pending, .. } = &mut self.nodes[directory] else {
            return Err(ErrorKind::NotADirectory.into());
        };
        change.apply(seen);
        pending.push(change);
        Ok(())
    }

    fn add(&mut self, path: &Path, node: Node) -> io::Result<usize> {
        let (directory, name) = self.parent_and_name(path)?;
        self.nodes.push(node);
        let number = self.nodes.len() - 1;
        self.change(directory, Change::Add(name.into(), number))?;
        Ok(number)
    }

    /// The bytes that programs see in a file.
    fn seen(&mut self, node: usize) -> io::Result<&mut Vec<u8>> {
        match &mut self.nodes[node] {
            Node::File { seen, .. } => Ok(seen),
            Node::Directory { .. } => Err(ErrorKind::InvalidInput.into()),
        }
    }

    fn truncate(&mut self, node: usize, length: usize) {
        if let Node::File { seen, intact, .. } = &mut self.nodes[node] {
            seen.truncate(length);
            *intact = length.min(*intact);
        }
    }

    fn names(&self, node: usize) -> io::Result<Vec<String>> {
        match &self.nodes[node] {
            Node::Directory { seen, .. } => Ok(seen.keys().cloned().collect()),
            Node::File { .. } => Err(ErrorKind::NotADirectory.into()),
        }
    }

    fn open(&mut self, path: &Path) -> io::Result<usize> {
        match self.find(path) {
            Err(error) if error.kind() == ErrorKind::NotFound => {
                self.add(path, Node::File { seen: Vec::new(), synced: Vec::new(), intact: 0 })
            }
            found => found,
        }
    }

    /// Half of the bytes, then the rest, so that a cut can fall in between.
    fn extend(&mut self, node: usize, bytes: &[u8]) -> io::Result<()> {
        let (first, second) = bytes.split_at(bytes.len() / 2);
        for part in [first, second] {
            self.step()?;
            let room = self.space.map_or(part.len(), |space| part.len().min(space as usize));
            self.space = self.space.map(|space| space - room as u64);
            self.seen(node)?.extend_from_slice(&part[..room]);
            if room < part.len() {
                return Err(ErrorKind::StorageFull.into());
            }
        }
        Ok(())
    }

    fn sync_file(&mut self, node: usize) -> io::Result<()> {
        self.step()?;
        if let Node::File { seen, synced, intact } = &mut self.nodes[node] {
            synced.clone_from(seen);
            *intact = seen.len();
        }
        Ok(())
    }

    fn remove(&mut self, path: &Path) -> io::Result<()> {
        self.step()?;
        self.find(path)?;
        let (directory, name) = self.parent_and_name(path)?;
        self.change(directory, Change::Remove(name.into()))
    }

    fn remove_all(&mut self, path: &Path) -> io::Result<()> {
        let node = self.find(path)?;
        if let Ok(names) = self.names(node) {
            names.iter().try_for_each(|name| self.remove_all(&path.join(name)))?;
        }
        self.remove(path)
    }
}

impl Fs for Simulated {
    fn create_dir(&self, path: &Path) -> io::Result<()> {
        let mut state = self.lock();
        state.step()?;
        if state.find(path).is_ok() {
            return Err(ErrorKind::AlreadyExists.into());
        }
        state.add(path, Node::directory()).map(drop)
    }

    fn write(&self, path: &Path, content: Content) -> io::Result<()> {
        let mut bytes = Vec::new();
        content(&mut bytes)?;
        let mut state = self.lock();
        state.step()?;
        let node = state.open(path)?;
        state.truncate(node, 0);
        state.extend(node, &bytes)?;
        state.sync_file(node)
    }

    fn append(&self, path: &Path, keep: u64) -> io::Result<(Box<dyn Append>, u64)> {
        let mut state = self.lock();
        state.step()?;
        let node = state.open(path)?;
        state.truncate(node, usize::try_from(keep).unwrap_or(usize::MAX));
        let length = state.seen(node)?.len() as u64;
        Ok((Box::new(Appender { disk: self.clone(), node }), length))
    }

    fn read(&self, path: &Path, limit: u64) -> io::Result<Vec<u8>> {
        let mut state = self.lock();
        let node = state.find(path)?;
        let seen = state.seen(node)?;
        if seen.len() as u64 > limit { Err(too_long(limit)) } else { Ok(seen.clone()) }
    }

    fn list(&self, path: &Path) -> io::Result<Vec<String>> {
        let state = self.lock();
        state.names(state.find(path)?)
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        let mut state = self.lock();
        state.step()?;
        let node = state.find(from)?;
        let (directory, from) = state.parent_and_name(from)?;
        let (other, to) = state.parent_and_name(to)?;
        assert_eq!(directory, other, "renames stay in one directory");
        state.change(directory, Change::Rename(from.into(), to.into(), node))
    }

    fn remove_dir_all(&self, path: &Path) -> io::Result<()> {
        self.lock().remove_all(path)
    }

    fn remove_file(&self, path: &Path) -> io::Result<()> {
        self.lock().remove(path)
    }

    fn sync_dir(&self, path: &Path) -> io::Result<()> {
        let mut state = self.lock();
        state.step()?;
        let node = state.find(path)?;
        if let Node::Directory { seen, synced, pending } = &mut state.nodes[node] {
            synced.clone_from(seen);
            pending.clear();
        }
        Ok(())
    }
}

struct Appender {
    disk: Simulated,
    node: usize,
}

impl Write for Appender {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.disk.lock().extend(self.node, bytes)?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Append for Appender {
    fn sync(&mut self) -> io::Result<()> {
        self.disk.lock().sync_file(self.node)
    }
}
