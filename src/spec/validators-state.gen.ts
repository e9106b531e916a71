// Made by scripts/generate.mjs from schemas/. Do not edit.
// biome-ignore-all lint: generated
// @ts-nocheck
import type { Validator } from './validator.js';

export const validateState: Validator = validate1 as any;

function validate2(data, instancePath = ""){
let vErrors = null;
let errors = 0;
if(!(data === "creating" || data === "created" || data === "running" || data === "stopped" || data === "paused")){
vErrors = add(vErrors, {instancePath, keyword:"oneOfNames",params:{known: ["creating", "created", "running", "stopped", "paused"]}});
errors++;
}
validate2.errors = vErrors;
return errors === 0;
}


function validate4(data, instancePath = ""){
let vErrors = null;
let errors = 0;
if(data && typeof data == "object" && !Array.isArray(data)){
for(const key0 in data){
if(typeof data[key0] !== "string"){
vErrors = add(vErrors, {instancePath:instancePath+"/" + key0.replace(/~/g, "~0").replace(/\//g, "~1"),keyword:"type",params:{type: "string"}});
errors++;
}
}
}
else {
vErrors = add(vErrors, {instancePath, keyword:"type",params:{type: "object"}});
errors++;
}
validate4.errors = vErrors;
return errors === 0;
}

function validate1(data, instancePath = ""){
let vErrors = null;
let errors = 0;
if(data && typeof data == "object" && !Array.isArray(data)){
if(data.ociVersion === undefined){
vErrors = add(vErrors, {instancePath, keyword:"required",params:{missingProperty: "ociVersion"}});
errors++;
}
if(data.id === undefined){
vErrors = add(vErrors, {instancePath, keyword:"required",params:{missingProperty: "id"}});
errors++;
}
if(data.status === undefined){
vErrors = add(vErrors, {instancePath, keyword:"required",params:{missingProperty: "status"}});
errors++;
}
if(data.bundle === undefined){
vErrors = add(vErrors, {instancePath, keyword:"required",params:{missingProperty: "bundle"}});
errors++;
}
if(data.ociVersion !== undefined){
if(typeof data.ociVersion !== "string"){
vErrors = add(vErrors, {instancePath:instancePath+"/ociVersion",keyword:"type",params:{type: "string"}});
errors++;
}
}
if(data.id !== undefined){
let data1 = data.id;
if(typeof data1 === "string"){
if(data1.length < 1){
vErrors = add(vErrors, {instancePath:instancePath+"/id",keyword:"minLength",params:{limit: 1}});
errors++;
}
}
else {
vErrors = add(vErrors, {instancePath:instancePath+"/id",keyword:"type",params:{type: "string"}});
errors++;
}
}
if(data.status !== undefined){
if(!(validate2(data.status, instancePath+"/status"))){
vErrors = join(vErrors, validate2.errors);
errors = vErrors.length;
}
}
if(data.pid !== undefined){
let data3 = data.pid;
if(!(Number.isInteger(data3) && data3 >= 0 && data3 <= 2147483647)){
vErrors = add(vErrors, {instancePath:instancePath+"/pid",keyword:"int",params:{width: "0,2147483647"}});
errors++;
}
}
if(data.bundle !== undefined){
let data4 = data.bundle;
if(typeof data4 === "string"){
if(data4.length < 1){
vErrors = add(vErrors, {instancePath:instancePath+"/bundle",keyword:"minLength",params:{limit: 1}});
errors++;
}
}
else {
vErrors = add(vErrors, {instancePath:instancePath+"/bundle",keyword:"type",params:{type: "string"}});
errors++;
}
}
if(data.annotations !== undefined){
if(!(validate4(data.annotations, instancePath+"/annotations"))){
vErrors = join(vErrors, validate4.errors);
errors = vErrors.length;
}
}
}
else {
vErrors = add(vErrors, {instancePath, keyword:"type",params:{type: "object"}});
errors++;
}
validate1.errors = vErrors;
return errors === 0;
}

export const validateFeatures: Validator = validate6 as any;

function validate7(data, instancePath = ""){
let vErrors = null;
let errors = 0;
if(Array.isArray(data)){
const len0 = data.length;
for(let i0=0; i0<len0; i0++){
if(typeof data[i0] !== "string"){
vErrors = add(vErrors, {instancePath:instancePath+"/" + i0,keyword:"type",params:{type: "string"}});
errors++;
}
}
}
else {
vErrors = add(vErrors, {instancePath, keyword:"type",params:{type: "array"}});
errors++;
}
validate7.errors = vErrors;
return errors === 0;
}


function validate13(data, instancePath = ""){
let vErrors = null;
let errors = 0;
if(data && typeof data == "object" && !Array.isArray(data)){
if(data.v1 !== undefined){
if(typeof data.v1 !== "boolean"){
vErrors = add(vErrors, {instancePath:instancePath+"/v1",keyword:"type",params:{type: "boolean"}});
errors++;
}
}
if(data.v2 !== undefined){
if(typeof data.v2 !== "boolean"){
vErrors = add(vErrors, {instancePath:instancePath+"/v2",keyword:"type",params:{type: "boolean"}});
errors++;
}
}
if(data.systemd !== undefined){
if(typeof data.systemd !== "boolean"){
vErrors = add(vErrors, {instancePath:instancePath+"/systemd",keyword:"type",params:{type: "boolean"}});
errors++;
}
}
if(data.systemdUser !== undefined){
if(typeof data.systemdUser !== "boolean"){
vErrors = add(vErrors, {instancePath:instancePath+"/systemdUser",keyword:"type",params:{type: "boolean"}});
errors++;
}
}
if(data.rdma !== undefined){
if(typeof data.rdma !== "boolean"){
vErrors = add(vErrors, {instancePath:instancePath+"/rdma",keyword:"type",params:{type: "boolean"}});
errors++;
}
}
}
else {
vErrors = add(vErrors, {instancePath, keyword:"type",params:{type: "object"}});
errors++;
}
validate13.errors = vErrors;
return errors === 0;
}


function validate15(data, instancePath = ""){
let vErrors = null;
let errors = 0;
if(data && typeof data == "object" && !Array.isArray(data)){
if(data.enabled !== undefined){
if(typeof data.enabled !== "boolean"){
vErrors = add(vErrors, {instancePath:instancePath+"/enabled",keyword:"type",params:{type: "boolean"}});
errors++;
}
}
if(data.actions !== undefined){
if(!(validate7(data.actions, instancePath+"/actions"))){
vErrors = join(vErrors, validate7.errors);
errors = vErrors.length;
}
}
if(data.operators !== undefined){
if(!(validate7(data.operators, instancePath+"/operators"))){
vErrors = join(vErrors, validate7.errors);
errors = vErrors.length;
}
}
if(data.archs !== undefined){
if(!(validate7(data.archs, instancePath+"/archs"))){
vErrors = join(vErrors, validate7.errors);
errors = vErrors.length;
}
}
if(data.knownFlags !== undefined){
if(!(validate7(data.knownFlags, instancePath+"/knownFlags"))){
vErrors = join(vErrors, validate7.errors);
errors = vErrors.length;
}
}
if(data.supportedFlags !== undefined){
if(!(validate7(data.supportedFlags, instancePath+"/supportedFlags"))){
vErrors = join(vErrors, validate7.errors);
errors = vErrors.length;
}
}
}
else {
vErrors = add(vErrors, {instancePath, keyword:"type",params:{type: "object"}});
errors++;
}
validate15.errors = vErrors;
return errors === 0;
}


function validate22(data, instancePath = ""){
let vErrors = null;
let errors = 0;
if(data && typeof data == "object" && !Array.isArray(data)){
if(data.enabled !== undefined){
if(typeof data.enabled !== "boolean"){
vErrors = add(vErrors, {instancePath:instancePath+"/enabled",keyword:"type",params:{type: "boolean"}});
errors++;
}
}
}
else {
vErrors = add(vErrors, {instancePath, keyword:"type",params:{type: "object"}});
errors++;
}
validate22.errors = vErrors;
return errors === 0;
}


function validate25(data, instancePath = ""){
let vErrors = null;
let errors = 0;
if(data && typeof data == "object" && !Array.isArray(data)){
if(data.modes !== undefined){
if(!(validate7(data.modes, instancePath+"/modes"))){
vErrors = join(vErrors, validate7.errors);
errors = vErrors.length;
}
}
if(data.flags !== undefined){
if(!(validate7(data.flags, instancePath+"/flags"))){
vErrors = join(vErrors, validate7.errors);
errors = vErrors.length;
}
}
}
else {
vErrors = add(vErrors, {instancePath, keyword:"type",params:{type: "object"}});
errors++;
}
validate25.errors = vErrors;
return errors === 0;
}


function validate29(data, instancePath = ""){
let vErrors = null;
let errors = 0;
if(data && typeof data == "object" && !Array.isArray(data)){
if(data.enabled !== undefined){
if(typeof data.enabled !== "boolean"){
vErrors = add(vErrors, {instancePath:instancePath+"/enabled",keyword:"type",params:{type: "boolean"}});
errors++;
}
}
if(data.schemata !== undefined){
if(typeof data.schemata !== "boolean"){
vErrors = add(vErrors, {instancePath:instancePath+"/schemata",keyword:"type",params:{type: "boolean"}});
errors++;
}
}
if(data.monitoring !== undefined){
if(typeof data.monitoring !== "boolean"){
vErrors = add(vErrors, {instancePath:instancePath+"/monitoring",keyword:"type",params:{type: "boolean"}});
errors++;
}
}
}
else {
vErrors = add(vErrors, {instancePath, keyword:"type",params:{type: "object"}});
errors++;
}
validate29.errors = vErrors;
return errors === 0;
}


function validate31(data, instancePath = ""){
let vErrors = null;
let errors = 0;
if(data && typeof data == "object" && !Array.isArray(data)){
if(data.idmap !== undefined){
if(!(validate22(data.idmap, instancePath+"/idmap"))){
vErrors = join(vErrors, validate22.errors);
errors = vErrors.length;
}
}
}
else {
vErrors = add(vErrors, {instancePath, keyword:"type",params:{type: "object"}});
errors++;
}
validate31.errors = vErrors;
return errors === 0;
}

function validate10(data, instancePath = ""){
let vErrors = null;
let errors = 0;
if(data && typeof data == "object" && !Array.isArray(data)){
if(data.namespaces !== undefined){
if(!(validate7(data.namespaces, instancePath+"/namespaces"))){
vErrors = join(vErrors, validate7.errors);
errors = vErrors.length;
}
}
if(data.capabilities !== undefined){
if(!(validate7(data.capabilities, instancePath+"/capabilities"))){
vErrors = join(vErrors, validate7.errors);
errors = vErrors.length;
}
}
if(data.cgroup !== undefined){
if(!(validate13(data.cgroup, instancePath+"/cgroup"))){
vErrors = join(vErrors, validate13.errors);
errors = vErrors.length;
}
}
if(data.seccomp !== undefined){
if(!(validate15(data.seccomp, instancePath+"/seccomp"))){
vErrors = join(vErrors, validate15.errors);
errors = vErrors.length;
}
}
if(data.apparmor !== undefined){
if(!(validate22(data.apparmor, instancePath+"/apparmor"))){
vErrors = join(vErrors, validate22.errors);
errors = vErrors.length;
}
}
if(data.selinux !== undefined){
if(!(validate22(data.selinux, instancePath+"/selinux"))){
vErrors = join(vErrors, validate22.errors);
errors = vErrors.length;
}
}
if(data.memoryPolicy !== undefined){
if(!(validate25(data.memoryPolicy, instancePath+"/memoryPolicy"))){
vErrors = join(vErrors, validate25.errors);
errors = vErrors.length;
}
}
if(data.intelRdt !== undefined){
if(!(validate29(data.intelRdt, instancePath+"/intelRdt"))){
vErrors = join(vErrors, validate29.errors);
errors = vErrors.length;
}
}
if(data.mountExtensions !== undefined){
if(!(validate31(data.mountExtensions, instancePath+"/mountExtensions"))){
vErrors = join(vErrors, validate31.errors);
errors = vErrors.length;
}
}
if(data.netDevices !== undefined){
if(!(validate22(data.netDevices, instancePath+"/netDevices"))){
vErrors = join(vErrors, validate22.errors);
errors = vErrors.length;
}
}
}
else {
vErrors = add(vErrors, {instancePath, keyword:"type",params:{type: "object"}});
errors++;
}
validate10.errors = vErrors;
return errors === 0;
}

function validate6(data, instancePath = ""){
let vErrors = null;
let errors = 0;
if(data && typeof data == "object" && !Array.isArray(data)){
if(data.ociVersionMin === undefined){
vErrors = add(vErrors, {instancePath, keyword:"required",params:{missingProperty: "ociVersionMin"}});
errors++;
}
if(data.ociVersionMax === undefined){
vErrors = add(vErrors, {instancePath, keyword:"required",params:{missingProperty: "ociVersionMax"}});
errors++;
}
if(data.ociVersionMin !== undefined){
if(typeof data.ociVersionMin !== "string"){
vErrors = add(vErrors, {instancePath:instancePath+"/ociVersionMin",keyword:"type",params:{type: "string"}});
errors++;
}
}
if(data.ociVersionMax !== undefined){
if(typeof data.ociVersionMax !== "string"){
vErrors = add(vErrors, {instancePath:instancePath+"/ociVersionMax",keyword:"type",params:{type: "string"}});
errors++;
}
}
if(data.hooks !== undefined){
if(!(validate7(data.hooks, instancePath+"/hooks"))){
vErrors = join(vErrors, validate7.errors);
errors = vErrors.length;
}
}
if(data.mountOptions !== undefined){
if(!(validate7(data.mountOptions, instancePath+"/mountOptions"))){
vErrors = join(vErrors, validate7.errors);
errors = vErrors.length;
}
}
if(data.linux !== undefined){
if(!(validate10(data.linux, instancePath+"/linux"))){
vErrors = join(vErrors, validate10.errors);
errors = vErrors.length;
}
}
if(data.annotations !== undefined){
if(!(validate4(data.annotations, instancePath+"/annotations"))){
vErrors = join(vErrors, validate4.errors);
errors = vErrors.length;
}
}
if(data.potentiallyUnsafeConfigAnnotations !== undefined){
if(!(validate7(data.potentiallyUnsafeConfigAnnotations, instancePath+"/potentiallyUnsafeConfigAnnotations"))){
vErrors = join(vErrors, validate7.errors);
errors = vErrors.length;
}
}
}
else {
vErrors = add(vErrors, {instancePath, keyword:"type",params:{type: "object"}});
errors++;
}
validate6.errors = vErrors;
return errors === 0;
}

function join(errors, more) {
if (errors === null) return more;
for (const error of more) errors.push(error);
return errors;
}

function add(errors, error) {
if (errors === null) return [error];
errors.push(error);
return errors;
}
