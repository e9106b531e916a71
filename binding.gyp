# For `node-gyp rebuild`: delegates to the one CMake build, which has the list of sources. Nothing is
# compiled by gyp itself, so it needs no headers of Node.js (see native/gyp).
{
  "targets": [
    {
      "target_name": "ocirt",
      "type": "none",
      "actions": [
        {
          "action_name": "cmake",
          "inputs": ["native/CMakeLists.txt"],
          # Never made: the action runs each time, and CMake sees what has changed.
          "outputs": ["<(module_root_dir)/build/always"],
          "action": ["bash", "<(module_root_dir)/scripts/build", "native"],
        }
      ]
    }
  ]
}
