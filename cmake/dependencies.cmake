# Everything comes from Debian packages; scripts/setup.sh installs them all.
find_package(Threads REQUIRED)
find_package(fmt REQUIRED)
find_package(Protobuf REQUIRED)
find_package(simdjson REQUIRED)
if(NOT PROJECT_IS_TOP_LEVEL)  # schemas need no more
  return()
endif()
find_package(PkgConfig REQUIRED)
find_package(spdlog REQUIRED)
find_package(ZLIB REQUIRED)
find_package(OpenSSL REQUIRED COMPONENTS Crypto)
find_package(nlohmann_json REQUIRED)
find_package(CLI11 REQUIRED)
find_package(yaml-cpp REQUIRED)
pkg_check_modules(httplib REQUIRED IMPORTED_TARGET cpp-httplib)
find_package(Boost REQUIRED CONFIG)  # Boost.Math, headers only
# Debian's CMake files of nats.c name a static library that the package does not ship: pkg-config first.
pkg_check_modules(libnats IMPORTED_TARGET libnats)
if(NOT TARGET PkgConfig::libnats)
  find_package(cnats REQUIRED)
  add_library(PkgConfig::libnats ALIAS cnats::nats)
endif()
