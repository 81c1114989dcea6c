//! Writes seeds for every fuzz target, made by the project's own simulator: `seeds FOLDER` fills `FOLDER/TARGET/`.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use base64::Engine;
use parallax_archive::Archive;
use parallax_fuzz::simulated::{self, RECORDS};
use parallax_ingest::fingerprints::FingerprintMatcher;
use parallax_ingest::input::Input;
use parallax_ingest::pipeline::{Options, Silent, ingest};
use parallax_ingest::refdata;
use parallax_simulate::World;
use serde_json::Value;
use sha2::{Digest, Sha256};

fn main() -> io::Result<()> {
    let Some(folder) = std::env::args_os().nth(1).map(PathBuf::from) else {
        return Err(io::Error::other("usage: seeds FOLDER"));
    };
    let seeds = Seeds { folder };
    for (number, record) in RECORDS.iter().enumerate() {
        seeds.write("ooni_record", &record.name, record.json.as_bytes())?;
        seeds.write("judge", &record.name, &[number as u8])?;
        seeds.write("judge", &format!("{}-changed", record.name), &recipe(number))?;
        messages_and_certificates(&seeds, number, &record.json)?;
    }
    streams(&seeds)?;
    samples(&seeds)?;
    seeds.write("dns_wire", "response", RESPONSE)?;
    listings(&seeds)?;
    for snapshot in simulated::refdata() {
        seeds.write("refdata", &snapshot.name, &snapshot.bytes)?;
    }
    for (name, text) in TABLES {
        seeds.write("refdata", name, text.as_bytes())?;
    }
    seeds.write("refdata", "networks.mmdb", &database())?;
    seeds.write("world", "fuzzing.toml", simulated::world_text().as_bytes())?;
    for name in World::builtin_names() {
        let world = World::builtin(name, None).map_err(io::Error::other)?;
        seeds.write("world", name, world.text().as_bytes())?;
    }
    manifests(&seeds)
}

/// A page of a bucket as S3 writes it, a refusal, and a key.
fn listings(seeds: &Seeds) -> io::Result<()> {
    let key = "raw/20240212/20/IT/webconnectivity/2024021220_IT_webconnectivity.n0.0.jsonl.gz";
    let page = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<ListBucketResult xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><Name>b</Name>\
         <Prefix>raw/</Prefix><KeyCount>1</KeyCount><MaxKeys>1</MaxKeys><IsTruncated>true</IsTruncated><Contents><Key>{key}</Key>\
         <LastModified>2024-02-12T21:00:00.000Z</LastModified><ETag>&quot;d41d8cd98f00b204e9800998ecf8427e&quot;</ETag><Size>12</Size>\
         <StorageClass>STANDARD</StorageClass></Contents><NextContinuationToken>1/+=</NextContinuationToken></ListBucketResult>"
    );
    seeds.write("bucket_listing", "page", page.as_bytes())?;
    seeds.write("bucket_listing", "refusal", b"<Error><Code>AccessDenied</Code><Message>no</Message></Error>")?;
    seeds.write("bucket_listing", "bomb", b"<!DOCTYPE l [<!ENTITY a \"aa\">]><ListBucketResult>&a;&#x61;</ListBucketResult>")?;
    seeds.write("bucket_listing", "key", key.as_bytes())
}

/// The samples of the sources that the simulator does not write for, which were made up by hand.
const TABLE: &str = include_str!("../../../crates/ingest/tests/samples/ooni_tables.csv");
const SCANS: &str = include_str!("../../../crates/ingest/tests/samples/censored_planet.jsonl");

fn samples(seeds: &Seeds) -> io::Result<()> {
    seeds.write("ooni_tables", "both", TABLE.as_bytes())?;
    let (header, rows) = TABLE.split_once('\n').unwrap_or_default();
    for test in ["telegram", "web_connectivity"] {
        let of_test: Vec<&str> = rows.lines().filter(|row| row.contains(&format!(",{test},"))).collect();
        seeds.write("ooni_tables", test, format!("{header}\n{}", of_test.join("\n")).as_bytes())?;
    }
    for (number, line) in SCANS.lines().enumerate() {
        seeds.write("censored_planet", &number.to_string(), line.as_bytes())?;
    }
    seeds.write("framing", "table", &[b"\x03\x07\x40\x01", TABLE.as_bytes()].concat())
}

struct Seeds {
    folder: PathBuf,
}

impl Seeds {
    fn write(&self, target: &str, name: &str, bytes: &[u8]) -> io::Result<()> {
        let folder = self.folder.join(target);
        fs::create_dir_all(&folder)?;
        fs::write(folder.join(name), bytes)
    }
}

/// A recipe that changes a dozen things of a record, here and there.
fn recipe(number: usize) -> Vec<u8> {
    let mixed = Sha256::digest(number.to_le_bytes());
    [&[number as u8][..], &mixed, &Sha256::digest(mixed)].concat()
}

/// A response with an alias, an IPv4 and an IPv6 address.
const RESPONSE: &[u8] = b"\x00\x01\x81\x80\x00\x01\x00\x03\x00\x00\x00\x00\x01a\x07example\x00\x00\x01\x00\x01\
    \xc0\x0c\x00\x05\x00\x01\x00\x00\x00\x3c\x00\x04\x01b\xc0\x0e\
    \xc0\x0c\x00\x01\x00\x01\x00\x00\x00\x3c\x00\x04\xc0\x00\x02\x01\
    \xc0\x0c\x00\x1c\x00\x01\x00\x00\x00\x3c\x00\x10\x20\x01\x0d\xb8\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x01";

/// Reference data in shapes that the simulator does not write.
const TABLES: &[(&str, &str)] = &[
    ("test_list.csv", "url,category_code,category_description\nhttps://www.example.org/,NEWS,News\n"),
    (
        "prefixes.csv",
        "network,autonomous_system_number,autonomous_system_organization\n192.0.2.0/24,64500,\"One, Inc.\"\n2001:db8::/32,64501,Two\n",
    ),
    ("ranges.tsv", "192.0.2.0\t192.0.2.255\t64500\tXA\tOne\n192.0.2.64\t192.0.2.79\t64501\tNone\tTwo\n"),
    (
        "signatures.json",
        "{\"fingerprint\":\"b_nat_xa\",\"pattern\":\"this (site|page) is.*blocked\"}\n\n{\"fingerprint\":\"x_shop\",\"pattern\":\"Shop\\\\.\"}\n",
    ),
    (
        "fingerprints.csv",
        "name,scope,location_found,pattern_type,pattern,confidence_no_fp,expected_countries\nxa,nat,body,regexp,this (site|page) is.*blocked,5,XA\n\
         xb,isp,header.Server,prefix,gate,7,\"XA, XB\"\nxc,nat,dns,full,192.0.2.66,9,\nxd,fp,body,contains,blocked,1,\n",
    ),
];

/// Every certificate and every raw DNS response of a record.
fn messages_and_certificates(seeds: &Seeds, number: usize, json: &str) -> io::Result<()> {
    let record: Value = serde_json::from_str(json)?;
    let decode = |value: &Value| base64::engine::general_purpose::STANDARD.decode(value.as_str()?).ok();
    let keys = &record["test_keys"];
    for (index, query) in keys["queries"].as_array().into_iter().flatten().enumerate() {
        if let Some(message) = decode(&query["raw_response"]).or_else(|| decode(&query["raw_response"]["data"])) {
            seeds.write("dns_wire", &format!("{number}-{index}"), &message)?;
        }
    }
    let chains = keys["tls_handshakes"].as_array().into_iter().flatten().filter_map(|handshake| handshake["peer_certificates"].as_array());
    for (index, certificate) in chains.flatten().enumerate() {
        if let Some(der) = decode(certificate).or_else(|| decode(&certificate["data"])) {
            seeds.write("certificates", &format!("{number}-{index}"), &der)?;
        }
    }
    Ok(())
}

/// The layouts that the framer knows, and the containers that they come in.
fn streams(seeds: &Seeds) -> io::Result<()> {
    let small = ["{\"a\":1}", "{\"b\":[{\"c\":\"}\"}]}", "{\"d\":\"\\\"\"}"];
    let pretty = "{\n  \"a\": {\n    \"b\": \"}\"\n  }\n}\n";
    let layouts = [
        ("lines", small.join("\n")),
        ("lines-broken", format!("{}\n{{\"x\": \"\n{}\r\n", small[0], small[1])),
        ("array", format!("[{}]", small.join(","))),
        ("array-lines", format!("[\n{}\n]\n", small.join(",\n"))),
        ("documents", pretty.repeat(3)),
        ("documents-broken", format!("{pretty}{{\n  \"a\": {{\n}}\n{pretty}")),
        ("yaml", "---\ntest_name: x\n...\n".to_owned()),
        ("mark", format!("\u{feff}{}", small[0])),
    ];
    for (name, stream) in &layouts {
        seeds.write("framing", name, &[b"\x03\x01\x02\x07", stream.as_bytes()].concat())?;
    }
    let record = RECORDS[0].json.as_bytes();
    let short = &record[..record.len().min(600)];
    type Compress = fn(&[u8]) -> io::Result<Vec<u8>>;
    let compressions: [(&str, Compress); 3] = [("gz", gzip), ("zst", |plain| zstd::encode_all(plain, 1)), ("lz4", lz4)];
    for (outer_name, outer) in compressions {
        let once = outer(short)?;
        seeds.write("container", outer_name, &once)?;
        seeds.write("container", &format!("{outer_name}-twice"), &[once.clone(), once.clone()].concat())?;
        seeds.write("container", &format!("{outer_name}-cut"), &once[..once.len() - 5])?;
        seeds.write("container", &format!("{outer_name}-blanks"), &outer(&vec![b' '; 1 << 20])?)?;
        for (inner_name, inner) in compressions {
            seeds.write("container", &format!("{outer_name}-{inner_name}"), &outer(&inner(short)?)?)?;
        }
    }
    Ok(())
}

fn gzip(plain: &[u8]) -> io::Result<Vec<u8>> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(plain)?;
    encoder.finish()
}

fn lz4(plain: &[u8]) -> io::Result<Vec<u8>> {
    let mut encoder = lz4_flex::frame::FrameEncoder::new(Vec::new());
    encoder.write_all(plain)?;
    Ok(encoder.finish()?)
}

/// A MaxMind database (format 2.0) with two networks: one node of two 24-bit records, a gap of sixteen bytes, the data, the metadata.
fn database() -> Vec<u8> {
    let text = |text: &str| match text.len() {
        length @ 0..29 => [&[0x40 | length as u8][..], text.as_bytes()].concat(),
        length => [&[0x40 | 29, (length - 29) as u8][..], text.as_bytes()].concat(),
    };
    let number = |kind: u8, number: u16| [&[kind << 5 | 2][..], &number.to_be_bytes()].concat();
    let network = |asn: u16, name: &str| {
        [vec![0xe2], text("autonomous_system_number"), number(6, asn), text("autonomous_system_organization"), text(name)].concat()
    };
    let (left, right) = (network(64500, "One"), network(64501, "Two"));
    let records = [1 + 16, 1 + 16 + left.len() as u32].map(u32::to_be_bytes);
    let members: [(&str, Vec<u8>); 9] = [
        ("binary_format_major_version", number(5, 2)),
        ("binary_format_minor_version", number(5, 0)),
        ("build_epoch", vec![0x02, 0x02, 0x60, 0x00]),
        ("database_type", text("Test-ASN")),
        ("description", vec![0xe0]),
        ("ip_version", number(5, 4)),
        ("languages", vec![0x00, 0x04]),
        ("node_count", number(6, 1)),
        ("record_size", number(5, 24)),
    ];
    let metadata: Vec<u8> = members.iter().flat_map(|(key, value)| [text(key), value.clone()].concat()).collect();
    [&records[0][1..], &records[1][1..], &[0; 16], &left, &right, b"\xab\xcd\xefMaxMind.com\xe9", &metadata].concat()
}

/// Where the target puts the list of inputs, and what it replaces by its digest.
const DIGEST: &str = "THE-LIST";
const LIST: &str = "inputs/0123456789abcdef.jsonl.zst";

/// Manifests of an archive that was really written, with rows, a kept input and reference data; and some that reach for more.
fn manifests(seeds: &Seeds) -> io::Result<()> {
    let folder = tempfile::tempdir()?;
    let record = folder.path().join("records.jsonl");
    let lines: Vec<&str> = RECORDS.iter().take(4).map(|record| record.json.as_str()).chain(["{\"broken\""]).collect();
    fs::write(&record, lines.join("\n"))?;
    let archive = Archive::open_or_create(folder.path().join("archive")).map_err(io::Error::other)?;
    let options =
        Options { threads: 1.try_into().map_err(io::Error::other)?, keep_raw: true, fingerprints: FingerprintMatcher::empty().into() };
    ingest(&archive, &[Input::File(record)], &options, &Silent).map_err(io::Error::other)?;
    let list = folder.path().join("list.csv");
    fs::write(&list, TABLES[0].1)?;
    refdata::add(&archive, Path::new(&list)).map_err(io::Error::other)?;
    let manifest = fs::read_to_string(archive.dir().join("manifest.json"))?;
    let mut manifest: Value = serde_json::from_str(&manifest)?;
    manifest["inputs"]["path"] = LIST.into();
    manifest["inputs"]["sha256"] = DIGEST.into();
    let mut list = String::new();
    for input in archive.snapshot().and_then(|snapshot| snapshot.inputs()).map_err(io::Error::other)? {
        let input = parallax_archive::Input { locations: ["/nowhere/records.jsonl".into()].into(), ..input.map_err(io::Error::other)? };
        list += &(serde_json::to_string(&input)? + "\n");
    }
    seeds.write("manifest", "written", format!("{manifest}\n--\n{list}").as_bytes())?;
    let named = format!(
        r#"{{"format_version":2,"inputs":{{"path":"{LIST}","sha256":"{DIGEST}","inputs":1,"bytes":18446744073709551615,"records":0,"rejected":0}}}}"#
    );
    let [a, b] = ["a", "b"].map(|digit| digit.repeat(64));
    let lists = [
        format!(r#"{{"sha256":"{a}","kept":true,"bytes":18446744073709551615,"locations":["/dev/null",{{"hex":"2fff"}}]}}"#),
        format!("{{\"sha256\":\"{b}\"}}\n{{\"sha256\":\"{a}\"}}"),
        r#"{"sha256":"../../secret","kept":true}"#.to_owned(),
    ];
    for (number, list) in lists.iter().enumerate() {
        seeds.write("manifest", &format!("list-{number}"), format!("{named}\n--\n{list}\n").as_bytes())?;
    }
    let hostile = [
        r#"{"format_version":2,"inputs":{"path":"../secret","sha256":"","inputs":0,"bytes":0,"records":0,"rejected":0},"generation":18446744073709551615}"#,
        r#"{"format_version":2,"tables":{"rejects":{"all":[{"path":"tables//rejects/all/0011223344556677.parquet","sha256":"","rows":18446744073709551615,"bytes":18446744073709551615,"earliest":null,"latest":0}]}}}"#,
        r#"{"format_version":2,"tables":{"measurements":{"XA/2024-02-12":[{"path":"tables/measurements/XA/2024-02-12/8899aabbccddeeff.parquet","sha256":"x","rows":1,"bytes":18446744073709551615,"earliest":null,"latest":0}]}},"derived":{"a":"b"}}"#,
        r#"{"format_version":2,"refdata":[{"kind":"test_list","name":"a","path":"refdata/bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb","sha256":"b","bytes":1}]}"#,
        r#"{"format_version":2,"refdata":[{"kind":"","name":"","path":"raw/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.zst","sha256":"","bytes":0}]}"#,
        r#"{"format_version":99}"#,
    ];
    for (number, manifest) in hostile.iter().enumerate() {
        seeds.write("manifest", &format!("hostile-{number}"), manifest.as_bytes())?;
    }
    Ok(())
}
