//! One file from the server to its place.
//!
//! **Invariant:** what stands under a file's name had the listed size, and the listed MD5 where there is one. **Invariant:** bytes of two
//! versions of an object never meet: a part belongs to one ETag, and without one every try begins at the beginning.

use std::fs::{self, File};
use std::io::{Read, Write};

use super::here::Place;
use super::patience::Patience;
use super::server::{Opened, Server};
use super::trouble::Trouble;

/// Bytes that are read before they are written; what a kill can lose.
const BLOCK: usize = 64 << 10;

/// Downloads a file; says how many bytes came over the line.
pub fn download(place: &Place<'_>, server: &Server) -> Result<u64, Trouble> {
    let mut part = place.open_part().map_err(Trouble::Disk)?;
    let mut came = 0;
    let mut repeated = false;
    loop {
        came += gather(place, &mut part, server)?;
        if place.has_digest(&place.part()).map_err(Trouble::Disk)? {
            fs::rename(place.part(), &place.path).map_err(Trouble::Disk)?;
            return Ok(came);
        }
        part.set_len(0).map_err(Trouble::Disk)?;
        // Bytes can be damaged on the way, once. Twice is how the object is.
        if repeated {
            return Err(Trouble::Wrong("its bytes have not the MD5 that the server lists".to_owned()));
        }
        repeated = true;
    }
}

/// Brings the part to the listed size, in as many tries as that takes within reason.
fn gather(place: &Place<'_>, part: &mut File, server: &Server) -> Result<u64, Trouble> {
    let mut patience = Patience::default();
    let mut came = 0;
    if place.etag.is_none() || length(part)? > place.size {
        part.set_len(0).map_err(Trouble::Disk)?;
    }
    while length(part)? < place.size {
        let before = length(part)?;
        let brought = server.open(place.key, place.etag, before).and_then(|opened| append(opened, place, part));
        let now = length(part)?;
        came += now.saturating_sub(before);
        if now > before {
            patience.renew();
        }
        if let Err(trouble) = brought {
            if place.etag.is_none() {
                part.set_len(0).map_err(Trouble::Disk)?;
            }
            server.wait(&mut patience, trouble)?;
        }
    }
    Ok(came)
}

/// Writes what comes behind what is there. A server that knows no ranges sends everything, and then the beginning goes.
fn append(mut opened: Opened, place: &Place<'_>, part: &mut File) -> Result<(), Trouble> {
    let mut end = length(part)?;
    if opened.from == 0 && end > 0 {
        part.set_len(0).map_err(Trouble::Disk)?;
        end = 0;
    }
    if opened.from != end {
        return Err(Trouble::Wrong(format!("the server sent it from byte {}, not from byte {end}", opened.from)));
    }
    let mut block = vec![0; BLOCK];
    loop {
        let count = opened.body.read(&mut block).map_err(|error| Trouble::from_read(&error))?;
        if count == 0 {
            break;
        }
        end += count as u64;
        if end > place.size {
            part.set_len(0).map_err(Trouble::Disk)?;
            return Err(Trouble::Wrong(format!("it is longer than the {} bytes that the server lists", place.size)));
        }
        part.write_all(&block[..count]).map_err(Trouble::Disk)?;
    }
    match end == place.size {
        true => Ok(()),
        false => Err(Trouble::Unreachable("it ended in the middle of a file".to_owned())),
    }
}

fn length(part: &File) -> Result<u64, Trouble> {
    part.metadata().map(|metadata| metadata.len()).map_err(Trouble::Disk)
}
