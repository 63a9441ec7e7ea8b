//! A disk that is full on order, without a disk of one's own and without root: loaded by
//! `LD_PRELOAD`, it stands before libc's `write`, `pwrite` and `pwrite64`.
//!
//! While the file that `FULL_DISK` names is there, what would make a file below the folder that
//! `FULL_DISK_BELOW` names longer is refused with ENOSPC, as the kernel would. What is written
//! over bytes that are there already is not, as there. Each refusal adds a line to the file that
//! `FULL_DISK_REFUSED` names.

use std::{
    env,
    ffi::{c_char, c_int, c_void},
    fs::{self, OpenOptions},
    io::Write as _,
    path::PathBuf,
    sync::OnceLock,
};

/// libc's write(2).
///
/// # Safety
/// As for libc's.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn write(file: c_int, from: *const c_void, length: usize) -> isize {
    if is_full() && lengthens(file, None, length) {
        return refuse();
    }
    static NEXT: OnceLock<Write> = OnceLock::new();
    // SAFETY: libc has this function, and it has this type.
    let next = NEXT.get_or_init(|| unsafe { std::mem::transmute(next(c"write".as_ptr())) });
    // SAFETY: the caller's arguments go on as they are.
    unsafe { next(file, from, length) }
}

/// libc's pwrite(2).
///
/// # Safety
/// As for libc's.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pwrite(file: c_int, from: *const c_void, length: usize, at: i64) -> isize {
    if is_full() && lengthens(file, Some(at), length) {
        return refuse();
    }
    static NEXT: OnceLock<WriteAt> = OnceLock::new();
    // SAFETY: libc has this function, and it has this type.
    let next = NEXT.get_or_init(|| unsafe { std::mem::transmute(next(c"pwrite".as_ptr())) });
    // SAFETY: the caller's arguments go on as they are.
    unsafe { next(file, from, length, at) }
}

/// glibc's other name for pwrite(2).
///
/// # Safety
/// As for libc's.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pwrite64(
    file: c_int,
    from: *const c_void,
    length: usize,
    at: i64,
) -> isize {
    // SAFETY: the caller's arguments go on as they are; both names mean the same where a file
    // offset has 64 bits.
    unsafe { pwrite(file, from, length, at) }
}

type Write = unsafe extern "C" fn(c_int, *const c_void, usize) -> isize;
type WriteAt = unsafe extern "C" fn(c_int, *const c_void, usize, i64) -> isize;

/// Whether the disk is full at this moment.
fn is_full() -> bool {
    static MARK: OnceLock<Option<PathBuf>> = OnceLock::new();
    let mark = MARK.get_or_init(|| env::var_os("FULL_DISK").map(PathBuf::from));
    mark.as_ref().is_some_and(|mark| mark.exists())
}

/// Whether this makes a file of the disk longer.
fn lengthens(file: c_int, at: Option<i64>, length: usize) -> bool {
    let Some(below) = env::var_os("FULL_DISK_BELOW") else {
        return false;
    };
    let opened = PathBuf::from(format!("/proc/self/fd/{file}"));
    let Ok(path) = fs::read_link(&opened) else {
        return false;
    };
    if !path.starts_with(below) {
        return false;
    }
    // SAFETY: this call takes three numbers and changes nothing here.
    let at = at.unwrap_or_else(|| unsafe { lseek(file, 0, SEEK_CUR) });
    let end = u64::try_from(at).unwrap_or_default() + length as u64;
    fs::metadata(&opened).is_ok_and(|metadata| end > metadata.len())
}

fn refuse() -> isize {
    if let Some(path) = env::var_os("FULL_DISK_REFUSED") {
        let file = OpenOptions::new().create(true).append(true).open(path);
        // A test that finds no line fails.
        let _ = file.and_then(|mut file| file.write_all(b"refused\n"));
    }
    // SAFETY: libc has an errno for each thread.
    unsafe { *__errno_location() = ENOSPC };
    -1
}

/// libc's own function, behind this library's.
///
/// # Safety
/// The name must end with NUL.
unsafe fn next(name: *const c_char) -> *mut c_void {
    // SAFETY: by the contract above.
    unsafe { dlsym(RTLD_NEXT, name) }
}

const ENOSPC: c_int = 28;
const SEEK_CUR: c_int = 1;
const RTLD_NEXT: *mut c_void = std::ptr::without_provenance_mut(usize::MAX);

unsafe extern "C" {
    fn dlsym(library: *mut c_void, name: *const c_char) -> *mut c_void;
    fn lseek(file: c_int, offset: i64, whence: c_int) -> i64;
    fn __errno_location() -> *mut c_int;
}
