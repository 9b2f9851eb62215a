# Included by every project that is built here (CMAKE_PROJECT_INCLUDE). rosidl makes seven small C and
# C++ files of each interface, whose headers take far longer to compile than the files themselves:
# compiled together, a package takes a third of the time. The descriptions of types use the same static
# names in every file and stay apart.
macro(_compile_together)
  get_property(_targets DIRECTORY PROPERTY BUILDSYSTEM_TARGETS)
  foreach(_target ${_targets})
    get_target_property(_type ${_target} TYPE)
    if(_type STREQUAL "SHARED_LIBRARY")
      get_target_property(_sources ${_target} SOURCES)
      list(FILTER _sources INCLUDE REGEX "__description\\.c$")
      set_source_files_properties(${_sources} PROPERTIES SKIP_UNITY_BUILD_INCLUSION ON)
      set_target_properties(${_target} PROPERTIES UNITY_BUILD ON UNITY_BUILD_BATCH_SIZE 24)
    endif()
  endforeach()
endmacro()
cmake_language(DEFER CALL _compile_together)
