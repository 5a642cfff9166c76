/** What an engine inherits of the environment: how to find libraries, devices and folders, and no secret. */

const names = new Set([
  "PATH",
  "HOME",
  "USERPROFILE",
  "LANG",
  "LC_ALL",
  "LC_CTYPE",
  "TMPDIR",
  "TEMP",
  "TMP",
  "XDG_CACHE_HOME",
  "LD_LIBRARY_PATH",
  "DYLD_LIBRARY_PATH",
  "DYLD_FALLBACK_LIBRARY_PATH",
  // Without these, programs on Windows find neither their libraries nor the graphics driver's caches.
  "SYSTEMROOT",
  "SYSTEMDRIVE",
  "WINDIR",
  "COMSPEC",
  "PATHEXT",
  "PROGRAMDATA",
  "APPDATA",
  "LOCALAPPDATA",
]);

/** Graphics cards and their runtimes: CUDA, ROCm, Vulkan, Metal, SYCL, and ggml's own switches. */
const prefixes = [
  "CUDA_",
  "NVIDIA_",
  "HIP_",
  "HSA_",
  "ROCR_",
  "ROCM_",
  "GPU_",
  "VK_",
  "MTL_",
  "ONEAPI_",
  "ZE_",
  "GGML_",
  "OMP_",
];

/**
 * When llama-server aborts it has gdb, where that is installed, print what every thread did: that takes seconds, buries
 * the line that says why, and can leave a core file of gdb's own in the gateway's folder.
 */
const noBacktrace = ["GGML_NO_BACKTRACE", "1"] as const;

/** The variables of `all` that an engine may see, and one of ours. `LLAMA_ARG_*` is left out: it would change the command line. */
export function engineVariables(all: Readonly<Record<string, string | undefined>>): NodeJS.ProcessEnv {
  const passed = Object.entries(all).filter(([name, value]) => {
    const upper = name.toUpperCase();
    return value !== undefined && (names.has(upper) || prefixes.some((prefix) => upper.startsWith(prefix)));
  });
  // Next's types ask for NODE_ENV in every environment.
  return Object.fromEntries([noBacktrace, ...passed]) as NodeJS.ProcessEnv;
}
