//! What every store of blobs does.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;

use aios::adapters::blobs::files::FileBlobs;
use aios::adapters::blobs::memory::MemoryBlobs;
use aios::base::id::Digest;
use aios::engine::ports::blobs::{BlobFailure, Blobs, MAX_BLOB};
use tempfile::TempDir;

fn suite(blobs: &dyn Blobs) {
    for bytes in [
        b"".as_slice(),
        b"text",
        &vec![0; 100_000],
        &[255, 254, 0, 10],
    ] {
        let digest = blobs.put(bytes).unwrap();
        assert_eq!(digest, Digest::of(bytes));
        assert_eq!(blobs.put(bytes), Ok(digest), "again");
        assert_eq!(blobs.get(&digest).unwrap(), bytes);
    }
    let missing = Digest::of(b"never put");
    assert_eq!(
        blobs.get(&missing),
        Err(BlobFailure::Missing { digest: missing })
    );
    let bytes = MAX_BLOB + 1;
    assert_eq!(
        blobs.put(&vec![0; bytes]),
        Err(BlobFailure::TooLarge { bytes })
    );
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for number in 0_u32..20 {
                    let digest = blobs.put(&number.to_le_bytes()).unwrap();
                    assert_eq!(blobs.get(&digest).unwrap(), number.to_le_bytes());
                }
            });
        }
    });
}

#[test]
fn memory_keeps_the_contract() {
    suite(&MemoryBlobs::default());
}

#[test]
fn files_keep_the_contract() {
    let home = TempDir::new().unwrap();
    suite(&FileBlobs::open(home.path()).unwrap());
}

fn stored(home: &TempDir, digest: Digest) -> PathBuf {
    let name = digest.to_string();
    let (folder, file) = name.split_at(2);
    home.path().join(folder).join(file)
}

#[test]
fn files_are_small_private_and_leave_nothing_beside_them() {
    let home = TempDir::new().unwrap();
    let blobs = FileBlobs::open(home.path()).unwrap();
    let digest = blobs.put(&vec![b'a'; 50_000]).unwrap();
    let about = fs::metadata(stored(&home, digest)).unwrap();
    assert!(about.len() < 1_000);
    assert_eq!(about.permissions().mode() & 0o777, 0o600);
    assert_eq!(blobs.sweep(), Ok(0));
    fs::write(home.path().join("fresh/1-1"), "half").unwrap();
    assert_eq!(blobs.sweep(), Ok(1));
    assert_eq!(
        FileBlobs::open(home.path())
            .unwrap()
            .get(&digest)
            .unwrap()
            .len(),
        50_000
    );
}

#[test]
fn damage_is_found_and_mended_by_the_next_put() {
    let home = TempDir::new().unwrap();
    let blobs = FileBlobs::open(home.path()).unwrap();
    let digest = blobs.put(b"some text").unwrap();
    let path = stored(&home, digest);
    let good = fs::read(&path).unwrap();
    let bomb = zstd::encode_all(vec![0_u8; MAX_BLOB + 10].as_slice(), 1).unwrap();
    let other = zstd::encode_all(b"other text".as_slice(), 1).unwrap();
    for bad in [b"".to_vec(), good[..good.len() - 1].to_vec(), bomb, other] {
        fs::write(&path, bad).unwrap();
        assert!(matches!(
            blobs.get(&digest),
            Err(BlobFailure::Damaged { .. })
        ));
        assert_eq!(blobs.put(b"some text"), Ok(digest));
        assert_eq!(blobs.get(&digest).unwrap(), b"some text");
    }
}
