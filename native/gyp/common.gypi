# What node-gyp takes for the headers of Node.js (--nodedir native/gyp). The addon is built by CMake
# with the headers of the node-api-headers package, so there are none here and none are downloaded.
{}
